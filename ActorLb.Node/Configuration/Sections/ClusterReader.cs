using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.cluster.</summary>
internal static class ClusterReader
{
    internal const int ClusterNameLengthMax = 64;

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
        binds.Add(cluster["port"], host.Length == 0 ? "0.0.0.0" : host, port);

        ClusterTlsSettings? tls = ReadTls(cluster["tls"], environment);
        bool allowAny = cluster["allow-any-address"].Switch();
        if (IPAddress.TryParse(host, out IPAddress? address) && Endpoints.IsAny(address) && tls is null && !allowAny)
        {
            cluster["host"].Complain(
                $"{host} opens the cluster to every network of this machine, without TLS",
                "one address, or cluster.tls.enabled = true, or cluster.allow-any-address = true");
        }

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

            WarnOfNames(item, seed, host);
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
            new(tls["certificate"], null, tls["password"]), enabled ? "nodes" : null, required: true, complete: true, environment);
        return enabled ? new ClusterTlsSettings(own.Certificate, own.Password) : null;
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
