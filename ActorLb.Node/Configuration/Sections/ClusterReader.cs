using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Certificates;
using ActorLb.Node.Cluster.Identity;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.cluster.</summary>
internal static class ClusterReader
{
    internal const int ClusterNameLengthMax = 64;

    private const string NodeNameExpected = "a host name or an IP address without port";

    private const string HostExpected = "a host name or an IP address at which the other nodes reach this one";

    public static ClusterSettings Read(ConfigurationCursor cluster, ConfigurationEnvironment environment, BindConflicts binds)
    {
        DnsDiscoverySettings? dns = ReadDns(cluster["discovery"]);
        string host = cluster["host"].As(ReadHost, HostExpected, "127.0.0.1");
        if (dns is not null && cluster["host"].IsDefault)
        {
            host = "";
            dns = dns with { FindsHost = true };
        }

        int port = cluster["port"].Integer(dns is null ? 0 : 1, IPEndPoint.MaxPort);
        binds.Add(cluster["port"], cluster["host"], host.Length == 0 ? "0.0.0.0" : host, port);

        ClusterTlsSettings? tls = ReadTls(cluster["tls"], environment);
        ImmutableArray<ClusterSecret> secrets = ClusterSecretReader.Read(cluster, environment);
        if (tls is not null && !secrets.IsEmpty)
        {
            cluster["tls"]["enabled"].Complain("nodes know each other by a secret already", "cluster.tls, or a secret, not both");
        }

        ClusterReach.Judge(cluster, host, port, isProved: tls is not null || !secrets.IsEmpty);
        return new ClusterSettings(
            host,
            port,
            dns is null ? ReadSeeds(cluster["discovery"], cluster["host"], host, port) : [],
            cluster["join-timeout"].Duration(TimeSpan.Zero, TimeSpan.FromHours(1)),
            cluster["stable-after"].Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            cluster["form-after"].Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            cluster["heal-interval"].Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            tls,
            dns)
        {
            Name = cluster["name"].As(ReadClusterName, "1 to 64 letters, digits, dashes, dots or underscores", ClusterSettings.DefaultName),
            Secrets = secrets,
        };
    }

    /// <summary>Null where the method is seeds.</summary>
    private static DnsDiscoverySettings? ReadDns(ConfigurationCursor discovery)
    {
        bool isDns = discovery["method"].Choice(("seeds", false), ("dns", true));
        string name = discovery["dns"]["name"].As(ReadName, "a host name whose addresses are the nodes", "lb");
        int required = discovery["dns"]["required-nodes"].Integer(1, 1000);
        if (!isDns)
        {
            return null;
        }

        if (!discovery["seeds"].IsDefault)
        {
            discovery["seeds"].Warn("the seeds are not asked with method = dns", "discovery.dns.name alone");
        }

        return new DnsDiscoverySettings(name, required);
    }

    private static ImmutableArray<HostPort> ReadSeeds(
        ConfigurationCursor discovery, ConfigurationCursor hostKey, string host, int port)
    {
        ConfigurationCursor list = discovery["seeds"];
        var seeds = ImmutableArray.CreateBuilder<HostPort>();
        foreach (ConfigurationCursor item in list.ItemsOrWords())
        {
            HostPort seed = item.As<HostPort>(ReadSeed, "host:port of a node, such as \"10.0.0.1:8110\"", default);
            if (seed != default && seeds.Contains(seed))
            {
                item.Complain($"{seed} is listed twice", "each node once");
            }

            if (!hostKey.IsWrong)
            {
                WarnOfNames(item, seed, host);
            }

            seeds.Add(seed);
        }

        if (seeds.Count == 0 && list.Exists && port > 0)
        {
            seeds.Add(new HostPort(host, port));
        }
        else if (list.IsDefault && !hostKey.IsDefault && seeds.All(s => s.Host != host))
        {
            hostKey.Warn(
                $"the seeds are still {string.Join(", ", seeds)}, which no other machine can reach",
                "list the nodes of the cluster in cluster.discovery.seeds");
        }

        return seeds.ToImmutable();
    }

    // A node hears only who calls it by the name that it has itself.
    private static void WarnOfNames(ConfigurationCursor item, HostPort seed, string host)
    {
        if ((seed.Host == "localhost" && IPAddress.TryParse(host, out _)) || (host == "localhost" && IPAddress.TryParse(seed.Host, out _)))
        {
            item.Warn(
                $"{seed} and cluster.host = {host} are two names, and a node does not hear who calls it by another than its own",
                $"each seed written as that node's cluster.host, as {new HostPort(host, seed.Port)}");
        }
    }

    private static ClusterTlsSettings? ReadTls(ConfigurationCursor tls, ConfigurationEnvironment environment)
    {
        bool enabled = tls["enabled"].Switch();
        CertificateSettings own = CertificateReader.Read(
            new(tls["certificate"], null, tls["password"], tls["enabled"]), enabled ? "nodes" : null, required: true, complete: true, environment);
        ImmutableArray<string> names = tls["names"].ItemsOrWords().Select(n => n.As<string>(ReadNodeName, NodeNameExpected, "")).ToImmutableArray();
        if (!enabled)
        {
            return null;
        }

        var settings = new ClusterTlsSettings(own.Certificate, own.Password) { Names = names.IsEmpty ? [] : names };
        Try(tls["certificate"], tls["password"], settings, environment);
        return settings;
    }

    // What nodes would find wrong with each other is told by each about its own.
    private static void Try(
        ConfigurationCursor key, ConfigurationCursor password, ClusterTlsSettings settings, ConfigurationEnvironment environment)
    {
        if (key.IsWrong || password.IsWrong || settings.Names.Contains(""))
        {
            return;
        }

        using LoadedCertificate loaded = new CertificateStore(environment.ReadFile).Load(new CertificateSettings(settings.Certificate, "", settings.Password));
        if (CertificateIdentity.Problem(loaded, settings) is { } problem)
        {
            key.Complain(problem, "a certificate for both sides of a connection, with its key, its issuers and their root in one file");
        }
    }

    private static string? ReadNodeName(string text, out string name)
    {
        name = text;
        return Uri.CheckHostName(text) == UriHostNameType.Unknown ? $"'{text}' is no name that a certificate bears" : null;
    }

    // It is a part of a cookie's name.
    private static string? ReadClusterName(string text, out string name)
    {
        name = text;
        return text.Length is > 0 and <= ClusterNameLengthMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
            ? null
            : $"'{text}' is no name for a cluster";
    }

    private static string? ReadHost(string text, out string host)
    {
        host = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;
        if (!Endpoints.IsHost(host))
        {
            return $"'{text}' is no host name and no address";
        }

        host = Endpoints.Canonical(host);
        return null;
    }

    private static string? ReadName(string text, out string name)
    {
        name = text;
        return Uri.CheckHostName(text) == UriHostNameType.Dns ? null : $"'{text}' is no host name";
    }

    private static string? ReadSeed(string text, out HostPort seed)
    {
        string? problem = Endpoints.Read(text, 1, out seed);
        seed = problem is null ? seed with { Host = Endpoints.Canonical(seed.Host) } : default;
        return problem;
    }
}
