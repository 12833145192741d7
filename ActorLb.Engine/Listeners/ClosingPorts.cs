namespace ActorLb.Engine.Listeners;

/// <summary>How ports are closed without a client that is just connecting being turned away.</summary>
internal static class ClosingPorts
{
    /// <summary>A request that comes right after its connection has come by then.</summary>
    public static readonly TimeSpan LastRequestTime = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A connection that was begun before nobody new was let in is there by then, or its client is far away. A network of
    /// containers stands still for a quarter of a second when some of them leave it (measured).
    /// </summary>
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Between accepting a connection and counting it.</summary>
    private static readonly TimeSpan AcceptTime = TimeSpan.FromMilliseconds(20);

    /// <summary>What is in the kernel's queue is accepted by then, also by a process that gets little processor time.</summary>
    private static readonly TimeSpan AcceptTimeMax = TimeSpan.FromSeconds(5);

    /// <summary>Waits until who was let in last is accepted. Behind <see cref="ListenSocket.Shut"/>.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public static async Task AcceptedAsync(IReadOnlyCollection<ListenSocket> sockets, TimeProvider time, CancellationToken cancellation)
    {
        await Task.Delay(HandshakeTime, time, cancellation);

        // A busy process accepts late, and what it has not accepted when it closes the port is reset.
        long since = time.GetTimestamp();
        while (sockets.Sum(s => s.Waiting) > 0 && time.GetElapsedTime(since) < AcceptTimeMax)
        {
            await Task.Delay(AcceptTime, time, cancellation);
        }

        // What was accepted last is counted by then.
        await Task.Delay(AcceptTime, time, cancellation);
    }
}
