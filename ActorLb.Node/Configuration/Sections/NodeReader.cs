using System.Collections.Immutable;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb { … }: all sections of one node.</summary>
internal static class NodeReader
{
    public static NodeSettings Read(ConfigurationCursor root, ConfigurationEnvironment environment)
    {
        ConfigurationCursor node = root["node"];
        var binds = new BindConflicts();
        AdminSettings admin = AdminReader.Read(root["admin"], environment, binds);
        ClusterSettings cluster = ClusterReader.Read(root["cluster"], environment, binds);
        Topology topology = ReadTopology(root, environment, cluster.Name, binds);
        var settings = new NodeSettings(
            Name(node["name"], environment.HostName, cluster.Port),
            DataDirectory(node["data-dir"]),
            node["flush-interval"].Duration(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10)),
            node["shutdown-timeout"].Duration(TimeSpan.Zero, TimeSpan.FromHours(1)),
            cluster,
            admin,
            topology,
            node["stop-delay"].Duration(TimeSpan.Zero, TimeSpan.FromHours(1)))
        {
            WatchesFiles = node["watch"].Switch(),
            Log = ReadLog(node["log"]),
            Webhooks = WebhookReader.ReadAll(root["observability"]),
            SessionFeedLength = LimitReader.ReadSessionFeedLength(root["limits"]),
            Otlp = ObservabilityReader.ReadOtlp(root["observability"]["otlp"]),
        };
        settings = settings with { Traces = ObservabilityReader.ReadTraces(root["observability"]["traces"], settings.Otlp) };
        TimeConflicts.Find(root, settings);
        return settings;
    }

    /// <summary>What may change while a node runs; the rest is the node's own, as it was started.</summary>
    public static Topology ReadTopology(ConfigurationCursor root, NodeSettings node, ConfigurationEnvironment environment)
    {
        var binds = new BindConflicts();
        binds.Add(root["admin"]["bind"], node.Admin.Bind);
        if (node.Admin.HealthBind is { } health)
        {
            binds.Add(root["admin"]["health-bind"], health);
        }

        binds.Add(root["cluster"]["port"], node.Cluster.Host.Length == 0 ? "0.0.0.0" : node.Cluster.Host, node.Cluster.Port);
        Topology topology = ReadTopology(root, environment, node.Cluster.Name, binds);
        ConfigurationCursor feed = root["limits"]["session-feed-length"];
        if (feed.Exists && !feed.IsDefault)
        {
            feed.Warn("this is each node's own and no part of what is applied", "change it in the node's files, and start it anew");
        }

        TimeConflicts.Find(root, node with { Topology = topology });
        root["node"].Ignore();
        root["cluster"].Ignore();
        root["admin"].Ignore();
        root["observability"].Ignore();
        return topology;
    }

    private static Topology ReadTopology(ConfigurationCursor root, ConfigurationEnvironment environment, string clusterName, BindConflicts binds)
    {
        ConfigurationCursor defaults = root["defaults"];
        ImmutableArray<ListenerSettings> listeners = ListenerReader.ReadAll(
            root["listeners"], defaults["listener"], environment, binds);
        ImmutableDictionary<string, PoolSettings> pools = PoolReader.ReadAll(root["pools"], defaults["pool"], environment, clusterName);
        ImmutableArray<RouteSettings> routes = RouteReader.ReadAll(root["routes"], defaults["route"], root["pools"], [.. listeners.Select(l => l.Name)], environment);
        OwnBackends.Refuse(root["pools"], pools, binds, environment.IsOwnAddress);
        if (!root["routes"].HasMistakes)
        {
            SharedCookies.Warn(root["pools"], pools, routes);
            CookieReach.Warn(root["pools"], pools, routes);
        }

        return new Topology(listeners, routes, pools, LimitReader.Read(root["limits"])) { AccessLog = AccessLogReader.Read(root["access-log"]) };
    }

    private static LogSettings ReadLog(ConfigurationCursor log) => new(
        log["format"].Choice(("console", LogFormat.Console), ("json", LogFormat.Json)),
        log["level"].Choice([.. Enum.GetValues<LogThreshold>().Select(l => (l.ToString().ToLowerInvariant(), l))]));

    // Several nodes may share a machine, so its name alone would not tell them apart.
    private static string Name(ConfigurationCursor name, string hostName, int clusterPort)
    {
        string written = name.Exists ? name.As<string>(ReadName, Names.Expected, "") : "";
        return written.Length > 0 ? written : $"{hostName}-{clusterPort}";
    }

    private static string? ReadName(string text, out string name)
    {
        name = text;
        return text.Length == 0 ? null : Names.Read(text, out name);
    }

    private static string DataDirectory(ConfigurationCursor directory)
    {
        const string Expected = "the path of a directory that this node alone writes to";
        string path = directory.Text(Expected) ?? ".";
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
        {
            directory.Complain($"'{path}' is no path", Expected);
        }

        return path;
    }
}
