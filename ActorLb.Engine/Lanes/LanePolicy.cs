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

        // Any route may lead to any pool, and the lane speaks no TLS to backends either.
        string? secured = topology.Pools.Values.FirstOrDefault(p => p.Backends.Any(b => b.Address.Scheme == Uri.UriSchemeHttps))?.Name;
        return secured is not null ? $"pool '{secured}' has backends with https" : unavailable;
    }
}
