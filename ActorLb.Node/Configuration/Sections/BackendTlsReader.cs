using System.Collections.Immutable;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.pools.NAME.tls.</summary>
internal static class BackendTlsReader
{
    private static readonly string[] Keys = ["roots", "server-name", "verify", "client-certificate", "client-key", "client-password"];

    /// <param name="complete">False for defaults: their files are opened by the pools that use them.</param>
    public static BackendTlsSettings Read(ConfigurationCursor tls, bool complete, ConfigurationEnvironment environment)
    {
        var keys = new CertificateReader.Keys(tls["client-certificate"], tls["client-key"], tls["client-password"]);
        CertificateSettings own = CertificateReader.Read(keys, "backends", required: false, complete, environment);
        return new BackendTlsSettings(
            CertificateReader.ReadRoots(tls["roots"], complete, environment),
            tls["server-name"].As(ReadName, "a host name or an address, or \"\" for the host of the backend's address", ""),
            tls["verify"].Switch(),
            own.Certificate.Length > 0 ? own : null);
    }

    /// <summary>What a pool says of TLS, and does not mean.</summary>
    /// <param name="pool">Its path: what it inherits is meant for others.</param>
    public static void Warn(ConfigurationCursor tls, string pool, BackendTlsSettings read, ImmutableArray<BackendSettings> backends)
    {
        bool isUsed = backends.Any(b => b.Address.Scheme == Uri.UriSchemeHttps);
        if (!isUsed)
        {
            if (Keys.Select(k => tls[k]).FirstOrDefault(k => !k.IsDefault && k.Path.StartsWith(pool, StringComparison.Ordinal)) is { } unused)
            {
                unused.Warn("no backend of this pool is reached by https, so this is not used", "\"https://host:port\" in backends");
            }
        }
        else if (!read.Verify)
        {
            tls["verify"].Warn("whoever answers at a backend's address is taken for the backend", "verify = on, with roots = FILE where the authority is your own");
            if (read.Roots.Length > 0)
            {
                ConfigurationCursor.ToBlame(tls["roots"], tls["verify"])?.Warn("this is not used with verify = off", "verify = on");
            }
        }
    }

    private static string? ReadName(string text, out string name)
    {
        name = text;
        return text.Length == 0 || Endpoints.IsHost(text) ? null : $"'{text}' is no host";
    }
}
