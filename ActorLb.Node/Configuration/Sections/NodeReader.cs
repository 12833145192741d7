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
        ConfigurationCursor defaults = root["defaults"];
        var binds = new BindConflicts();
        AdminSettings admin = AdminReader.Read(root["admin"], binds);
        ClusterSettings cluster = ClusterReader.Read(root["cluster"], environment, binds);
        ImmutableArray<ListenerSettings> listeners = ListenerReader.ReadAll(
            root["listeners"], defaults["listener"], environment, binds);
        ImmutableDictionary<string, PoolSettings> pools = PoolReader.ReadAll(root["pools"], defaults["pool"], environment, cluster.Name);
        ImmutableArray<RouteSettings> routes = RouteReader.ReadAll(root["routes"], defaults["route"], root["pools"]);
        OwnBackends.Refuse(root["pools"], pools, binds, environment.IsOwnAddress);
        if (!root["routes"].HasMistakes)
        {
            SharedCookies.Warn(root["pools"], pools, routes);
            CookieReach.Warn(root["pools"], pools, routes);
        }

        var settings = new NodeSettings(
            Name(node["name"], environment.HostName, cluster.Port),
            DataDirectory(node["data-dir"]),
            node["flush-interval"].Duration(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10)),
            node["shutdown-timeout"].Duration(TimeSpan.Zero, TimeSpan.FromHours(1)),
            cluster,
            admin,
            new Topology(listeners, routes, pools, LimitReader.Read(root["limits"])) { AccessLog = AccessLogReader.Read(root["access-log"]) },
            node["stop-delay"].Duration(TimeSpan.Zero, TimeSpan.FromHours(1)))
        {
            WatchesFiles = node["watch"].Switch(),
            SessionFeedLength = LimitReader.ReadSessionFeedLength(root["limits"]),
        };
        TimeConflicts.Find(root, settings);
        return settings;
    }

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
