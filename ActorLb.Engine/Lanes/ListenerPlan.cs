using ActorLb.Engine.Certificates;
using ActorLb.Engine.Epoll;
using ActorLb.Engine.Listeners;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Lanes;

/// <summary>How a listener is to be served: which lane, and why not the event loops, and how it shakes hands.</summary>
internal sealed record ListenerPlan(ListenerSettings Settings, ListenerEngine Engine, string? WhyKestrel, ListenerTls? Tls)
{
    /// <param name="served">Those of now, whose TLS is kept where they are the same.</param>
    /// <exception cref="LaneUnavailableException">A listener asks for a lane that it cannot have.</exception>
    /// <exception cref="CertificateFileException">A certificate cannot be used.</exception>
    public static ListenerPlan[] Of(Topology topology, IReadOnlyCollection<ServedListener> served, TimeProvider time)
    {
        string? unavailable = EpollLane.Unavailable;
        return [.. topology.Listeners.Select(listener =>
        {
            ListenerEngine engine = LanePolicy.Choose(listener, topology, unavailable, out string? why);
            return new ListenerPlan(listener, engine, listener.Engine == ListenerEngine.Auto ? why : null, TlsOf(listener, served, time));
        })];
    }

    private static ListenerTls? TlsOf(ListenerSettings listener, IReadOnlyCollection<ServedListener> served, TimeProvider time)
    {
        if (listener.Tls is null)
        {
            return null;
        }

        var loaded = new ListenerTls(listener, time);
        ListenerTls? before = served.FirstOrDefault(s => s.Settings.Name == listener.Name)?.Tls;
        return before is not null && before.IsSame(loaded) ? before : loaded;
    }
}
