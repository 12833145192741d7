using System.Globalization;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>
/// Durations that are right by themselves and wrong together: one ends before another can do what it is for. Each is told at
/// that key of the pair which somebody wrote, and none where one of the pair is a mistake by itself.
/// </summary>
internal static class TimeConflicts
{
    /// <summary>Handing the shards over and leaving takes this long where all is well.</summary>
    private static readonly TimeSpan LeavingTakes = TimeSpan.FromSeconds(2);

    public static void Find(ConfigurationCursor root, NodeSettings settings)
    {
        Stopping(root["node"], root["limits"], settings);
        Clients(root["limits"], settings.Topology.Limits);
        if (settings.Cluster.FormAfter >= settings.Cluster.JoinTimeout)
        {
            ConfigurationCursor.ToBlame(root["cluster"]["form-after"], root["cluster"]["join-timeout"])?.Warn(
                $"a starting node serves alone after join-timeout ({Text(settings.Cluster.JoinTimeout)}), before it may form a cluster (form-after, {Text(settings.Cluster.FormAfter)})",
                "make join-timeout longer than form-after");
        }

        foreach (PoolSettings pool in settings.Topology.Pools.Values)
        {
            Pool(root["pools"][pool.Name], root["limits"], pool, settings.Topology.Limits);
        }
    }

    private static void Stopping(ConfigurationCursor node, ConfigurationCursor limits, NodeSettings settings)
    {
        // At once, by the operator's own choice.
        if (settings.ShutdownTimeout == TimeSpan.Zero)
        {
            return;
        }

        TimeSpan clients = settings.ShutdownTimeout * NodeSettings.ClientsShareOfShutdown;
        TimeSpan leaving = settings.ShutdownTimeout - clients;
        TimeSpan needed = settings.StopDelay + settings.Topology.Limits.TunnelGrace;
        if (settings.StopDelay >= settings.ShutdownTimeout)
        {
            ConfigurationCursor.ToBlame(node["stop-delay"], node["shutdown-timeout"])?.Complain(
                $"stop-delay ({Text(settings.StopDelay)}) is a part of shutdown-timeout ({Text(settings.ShutdownTimeout)}), and leaves nothing of it for requests under way and for leaving the cluster",
                $"a stop-delay below {Text(settings.ShutdownTimeout)}, or a shutdown-timeout above {Text(settings.StopDelay)}; {Text(needed / NodeSettings.ClientsShareOfShutdown)} is enough for what clients may have open");
        }
        else if (needed > clients)
        {
            ConfigurationCursor.ToBlame(node["stop-delay"], limits["tunnel-grace"], node["shutdown-timeout"])?.Warn(
                $"stop-delay and limits.tunnel-grace are {Text(needed)} together, and clients have {Text(clients)} of shutdown-timeout: what is open then is cut off",
                $"make them shorter, or shutdown-timeout at least {Text(needed / NodeSettings.ClientsShareOfShutdown)}");
        }
        else if (leaving < LeavingTakes)
        {
            ConfigurationCursor.ToBlame(node["shutdown-timeout"])?.Warn(
                $"{Text(leaving)} of it are left for leaving the cluster, which takes {Text(LeavingTakes)} or more: the others would miss this node as a crashed one",
                $"at least {Text(LeavingTakes / (1 - NodeSettings.ClientsShareOfShutdown))}");
        }
    }

    private static void Clients(ConfigurationCursor limits, LimitSettings read)
    {
        WarnOfLonger(
            limits, ("header-timeout", read.HeaderTimeout), ("idle-timeout", read.IdleTimeout), "a client that sends nothing is closed before");
        WarnOfLonger(
            limits, ("backend-idle-timeout", read.BackendIdleTimeout), ("connection-age-max", read.ConnectionAgeMax), "no connection grows as old as that");
        WarnOfLonger(
            limits, ("response-timeout", read.ResponseTimeout), ("tunnel-timeout", read.TunnelTimeout), "a WebSocket may be silent for less time than a backend that has not answered yet");
        if (read.ConnectionsMax > 0 && read.ConnectionsPerAddressMax > read.ConnectionsMax)
        {
            ConfigurationCursor.ToBlame(limits["connections-per-address-max"], limits["connections-max"])?.Warn(
                "connections-per-address-max is larger than connections-max, and so no limit", "make it smaller");
        }
    }

    private static void Pool(ConfigurationCursor pool, ConfigurationCursor limits, PoolSettings read, LimitSettings bounds)
    {
        ConfigurationCursor affinity = pool["affinity"];
        if (read.Affinity is { Mode: AffinityMode.Cookie, Cookie.MaxAge: { } age } && age < read.Affinity.IdleTimeout)
        {
            ConfigurationCursor.ToBlame(affinity["cookie"]["max-age"], affinity["idle-timeout"])?.Warn(
                $"a browser forgets the cookie {Text(age)} after it got it last (max-age), and a visitor who comes back later is a new session, whatever idle-timeout ({Text(read.Affinity.IdleTimeout)}) says",
                "make max-age as long as idle-timeout at least, or session");
        }

        ConfigurationCursor window = pool["health"]["passive"]["window"];
        if (read.Health.Passive.Window < bounds.ConnectTimeout)
        {
            ConfigurationCursor.ToBlame(window, limits["connect-timeout"])?.Warn(
                $"health.passive.window ({Text(read.Health.Passive.Window)}) is over before a connect has timed out (limits.connect-timeout, {Text(bounds.ConnectTimeout)}): of a silent backend probes alone would tell",
                "make the window longer than connect-timeout");
        }

        if (read.DrainDeadline > TimeSpan.Zero && read.DrainDeadline < bounds.TunnelGrace)
        {
            ConfigurationCursor.ToBlame(pool["drain"]["deadline"], limits["tunnel-grace"])?.Warn(
                $"what is open at drain.deadline ({Text(read.DrainDeadline)}) has limits.tunnel-grace ({Text(bounds.TunnelGrace)}) to end, which is longer than the drain itself",
                "make the deadline longer, or tunnel-grace shorter");
        }
    }

    // 0 is no limit.
    private static void WarnOfLonger(
        ConfigurationCursor limits, (string Key, TimeSpan Value) left, (string Key, TimeSpan Value) right, string because)
    {
        if (left.Value > TimeSpan.Zero && right.Value > TimeSpan.Zero && left.Value > right.Value)
        {
            ConfigurationCursor.ToBlame(limits[left.Key], limits[right.Key])?.Warn(
                $"{left.Key} ({Text(left.Value)}) is longer than {right.Key} ({Text(right.Value)}): {because}",
                $"make {left.Key} shorter, or {right.Key} longer");
        }
    }

    private static string Text(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###}s");
}
