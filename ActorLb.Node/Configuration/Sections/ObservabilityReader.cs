using System.Collections.Immutable;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.observability.</summary>
internal static class ObservabilityReader
{
    private const string EndpointExpected = "the address of a collector, such as http://127.0.0.1:4318, or empty for none";

    public static OtlpSettings ReadOtlp(ConfigurationCursor otlp) => new(
        otlp["endpoint"].As<Uri?>(ReadEndpoint, EndpointExpected, null),
        ReadHeaders(otlp["headers"]),
        otlp["interval"].Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)));

    /// <param name="otlp">Where traces are pushed.</param>
    public static TraceSettings ReadTraces(ConfigurationCursor traces, OtlpSettings otlp)
    {
        var read = new TraceSettings(traces["sample"].Ratio(), traces["max-per-second"].Integer(1, 1_000_000));
        if (read.IsOn && !otlp.IsOn)
        {
            traces["sample"].Complain("traces have nowhere to go", "observability.otlp.endpoint, or 0 here");
        }

        return read;
    }

    private static ImmutableArray<OtlpHeader> ReadHeaders(ConfigurationCursor headers)
    {
        var read = ImmutableArray.CreateBuilder<OtlpHeader>();
        foreach (string name in headers.NamesOfAllLayers())
        {
            ConfigurationCursor key = headers[name];
            string value = key.As<string>(ReadValue, "the field's value in one line of ASCII", "");
            if (!Names.IsToken(name))
            {
                key.Complain($"'{name}' is no name of a field", "letters, digits and !#$%&'*+-.^_`|~");
            }
            else if (name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                key.Complain($"a push has no {name} of yours", "fields that say nothing about the document or where it goes");
            }

            read.Add(new OtlpHeader(name, value));
        }

        return read.ToImmutable();
    }

    private static string? ReadEndpoint(string text, out Uri? endpoint)
    {
        endpoint = null;
        if (text.Length == 0)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? read) || (read.Scheme != Uri.UriSchemeHttp && read.Scheme != Uri.UriSchemeHttps))
        {
            return text.Contains('@', StringComparison.Ordinal) ? "this is no address of http or https, and may hold a password" : $"'{text}' is no address of http or https";
        }

        endpoint = read;
        return read.UserInfo.Length > 0 ? "names and passwords belong into headers"
            : read.Query.Length > 0 || read.Fragment.Length > 0 ? "it has more than a path"
            : null;
    }

    private static string? ReadValue(string text, out string value)
    {
        value = text.Trim();
        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "the value holds characters that no field may hold" : null;
    }
}
