using System.Collections.Immutable;
using System.Net;

namespace ActorLb.Engine;

/// <summary>Serves the clients of some listeners. Both lanes ask the same TrafficDirector and behave the same.</summary>
public interface ILane : IAsyncDisposable
{
    /// <summary>Where each listener is bound, by its name; a configured port of 0 is the real one here. Empty before the start.</summary>
    ImmutableDictionary<string, IPEndPoint> Endpoints { get; }

    /// <summary>Why it can serve no more and will not get well by itself; null: it can. Asked every few seconds while it runs.</summary>
    string? Failure() => null;

    /// <summary>
    /// Binds every address without listening there, so that whoever cannot have one hears it before anything else starts;
    /// clients are refused until the start. It may be left out.
    /// </summary>
    /// <exception cref="IOException">An address is in use, or is none of this machine.</exception>
    void Hold();

    /// <exception cref="IOException">An address is in use.</exception>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>
    /// Asks clients to leave with every answer, and goes on accepting so that nobody is turned away who has not heard
    /// of it yet. When all have left or the time is up, nobody new is let in, and who was let in last is answered.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task LeaveAsync(TimeSpan atMost, CancellationToken cancellation);

    /// <summary>
    /// Stops accepting, closes idle connections and tunnels (WebSockets with 1001), and waits for requests in flight; those
    /// that still are when the token fires are cut off.
    /// </summary>
    Task StopAsync(CancellationToken cancellation);
}
