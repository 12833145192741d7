using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.listeners.NAME.tls.</summary>
internal static class ListenerTlsReader
{
    private const int ToldNamesMax = 5;

    /// <param name="complete">Whether TLS needs its certificates here: defaults may leave them to each listener.</param>
    /// <returns>Null: it is not enabled.</returns>
    public static ListenerTlsSettings? Read(ConfigurationCursor tls, ConfigurationEnvironment environment, bool complete)
    {
        bool enabled = tls["enabled"].Switch();
        ImmutableArray<CertificateSettings> certificates = ReadCertificates(tls, enabled ? "clients" : null, complete, environment);
        TlsVersion least = tls["min-version"].Choice(("1.2", TlsVersion.Tls12), ("1.3", TlsVersion.Tls13));
        (ClientCertificateUse use, string roots) = ClientCertificateReader.Read(tls, enabled, complete, environment);
        return enabled ? new ListenerTlsSettings(certificates) { MinVersion = least, ClientCertificate = use, ClientRoots = roots } : null;
    }

    private static ImmutableArray<CertificateSettings> ReadCertificates(
        ConfigurationCursor tls, string? use, bool complete, ConfigurationEnvironment environment)
    {
        ConfigurationCursor list = tls["certificates"];
        IReadOnlyList<ConfigurationCursor> items = list.Items();
        var one = new CertificateReader.Keys(tls["certificate"], tls["key"], tls["password"], tls["enabled"]);
        if (items.Count == 0)
        {
            return [CertificateReader.Read(one, use, required: !list.IsWrong, complete, environment)];
        }

        if (((ConfigurationCursor?[])[one.Certificate, one.Key, one.Password]).Any(k => k!.Text("a text") is { Length: > 0 }))
        {
            (ConfigurationCursor.ToBlame(list, one.Certificate) ?? list).Complain(
                "certificate, key and password are the list of one, and there is a list as well", "the one or the other; \"\" for what a listener does not want of the defaults");
        }

        var opened = new List<(ConfigurationCursor Key, string File, IReadOnlyList<string> Names)>();
        var read = ImmutableArray.CreateBuilder<CertificateSettings>();
        foreach (ConfigurationCursor item in items)
        {
            ConfigurationCursor key = item["certificate"];
            read.Add(CertificateReader.Read(
                new(key, item["key"], item["password"], tls["enabled"]),
                use,
                required: true,
                complete,
                environment,
                (settings, loaded) => opened.Add((key, settings.Certificate, loaded.DnsNames))));
        }

        WarnOfNames(opened);
        return read.ToImmutable();
    }

    // Which of them a client gets says the name that it asks for.
    private static void WarnOfNames(List<(ConfigurationCursor Key, string File, IReadOnlyList<string> Names)> opened)
    {
        var first = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach ((ConfigurationCursor key, string file, IReadOnlyList<string> names) in opened)
        {
            string[] shared = [.. names.Distinct(StringComparer.OrdinalIgnoreCase).Where(first.ContainsKey)];
            if (names.Count == 0 && first.Count > 0)
            {
                key.Warn($"the certificate in '{file}' bears no DNS name, so no client gets it", "a certificate with its names in subjectAltName, or list it first: that is shown to who asks for no name");
            }
            else if (shared.Length > 0)
            {
                string told = string.Join(", ", shared.Take(ToldNamesMax)) + (shared.Length > ToldNamesMax ? $" and {shared.Length - ToldNamesMax} more" : "");
                key.Warn(
                    $"the certificate in '{file}' shares {told} with that in '{first[shared[0]]}', which is listed before it and is shown in its place",
                    "leave one of them out, or list first the one that clients are to get");
            }

            foreach (string name in names)
            {
                first.TryAdd(name, file);
            }
        }
    }
}
