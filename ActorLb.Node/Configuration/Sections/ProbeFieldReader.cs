using System.Collections.Immutable;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.pools.NAME.health.headers: fields of a probe, by their names.</summary>
internal static class ProbeFieldReader
{
    /// <summary>What says where the message goes and where it ends is the probe's own.</summary>
    private static readonly string[] Own = ["Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Expect"];

    public static ImmutableArray<ProbeField> Read(ConfigurationCursor headers)
    {
        var read = ImmutableArray.CreateBuilder<ProbeField>();
        foreach (string name in headers.NamesOfAllLayers())
        {
            ConfigurationCursor key = headers[name];
            string value = key.As<string>(ReadValue, "the field's value in one line of ASCII, or \"\" to leave it out", "");
            if (!Names.IsToken(name))
            {
                key.Complain($"'{name}' is no name of a field", "letters, digits and !#$%&'*+-.^_`|~");
            }
            else if (name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                key.Complain("Host has a key of its own", "health.host");
            }
            else if (Own.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                key.Complain($"a probe has no {name} of yours", "fields that say nothing about the connection or the length");
            }

            read.Add(new ProbeField(name, value));
        }

        return read.ToImmutable();
    }

    private static string? ReadValue(string text, out string value)
    {
        value = text.Trim();
        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "the value holds characters that no field may hold" : null;
    }
}
