using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Lanes;

/// <summary>Which lane serves a listener. Pure.</summary>
internal static class LanePolicy
{
    /// <param name="unavailable">Why this system has no epoll lane; null where it has.</param>
    /// <param name="reason">Why the epoll lane does not serve the listener; null where it does.</param>
    /// <exception cref="LaneUnavailableException">The listener asks for epoll and cannot have it.</exception>
    public static ListenerEngine Choose(ListenerSettings listener, Topology topology, string? unavailable, out string? reason)
    {
        reason = listener.Engine == ListenerEngine.Kestrel ? "it asks for kestrel" : WhyNot(listener, topology, unavailable);
        if (reason is not null && listener.Engine == ListenerEngine.Epoll)
        {
            throw new LaneUnavailableException(listener.Name, reason);
        }

        return reason is null ? ListenerEngine.Epoll : ListenerEngine.Kestrel;
    }

    private static string? WhyNot(ListenerSettings listener, Topology topology, string? unavailable)
    {
        if (listener.Tls is not null)
        {
            return "it speaks TLS";
        }

        if (listener.Http2 == ListenerHttp2.Cleartext)
        {
            return "it speaks HTTP/2 in the clear";
        }

        // The lane speaks neither TLS nor HTTP/2 to backends either.
        HashSet<string> names =
            [.. topology.Routes.Where(r => r.Listeners.IsEmpty || r.Listeners.Contains(listener.Name)).SelectMany(r => r.PoolNames)];
        PoolSettings[] reached = [.. topology.Pools.Values.Where(p => names.Contains(p.Name)).OrderBy(p => p.Name, StringComparer.Ordinal)];
        string? secured = reached.FirstOrDefault(p => p.Backends.Any(b => b.Address.Scheme == Uri.UriSchemeHttps))?.Name;
        string? calls = reached.FirstOrDefault(p => p.Protocol == BackendProtocol.Http2)?.Name;
        return secured is not null ? $"pool '{secured}' has backends with https"
            : calls is not null ? $"pool '{calls}' speaks HTTP/2 to its backends"
            : unavailable;
    }
}
