using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// Serves the clients of listeners that come and go. Both lanes ask the same TrafficDirector and behave the same. Any thread; one
/// change at a time.
/// </summary>
internal interface ILane : IAsyncDisposable
{
    /// <summary>Who is connected by it.</summary>
    OpenConnections Clients { get; }

    /// <summary>Why it can serve no more and will not get well by itself; null: it can. Asked every few seconds while it runs.</summary>
    string? Failure() => null;

    /// <summary>Accepts from the listener's socket from now on, in place of a listener before it at the same socket.</summary>
    void Open(ServedListener listener);

    /// <summary>Accepts no more for the listener. Complete when nothing accepts for it any more; its socket stays open.</summary>
    Task CloseAsync(ServedListener listener);

    /// <summary>Closes the connections of a socket that is closed which have nothing under way; tunnels stay.</summary>
    void CloseIdle(ListenSocket socket);

    /// <summary>These limits are in force now. Complete when the lane goes by them.</summary>
    Task ApplyAsync(LimitSettings limits);

    /// <summary>
    /// Closes idle connections and tunnels (WebSockets with 1001), and waits for requests in flight; those that still are when
    /// the token fires are cut off. Nothing accepts any more by then.
    /// </summary>
    Task StopAsync(CancellationToken cancellation);
}
