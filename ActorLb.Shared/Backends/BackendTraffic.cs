namespace ActorLb.Shared.Backends;

/// <summary>
/// What this node has seen of one backend: counters and the local circuit. Lives as long as the node,
/// outlives every snapshot that refers to it; changed by the data plane, read by everybody.
/// </summary>
public sealed class BackendTraffic
{
    private long _requests;
    private long _failures;
    private long _queueRefusals;
    private long _queueTimeouts;
    private int _tunnels;
    private volatile bool _circuitOpen;

    /// <summary>Requests that have their place here now.</summary>
    public int InFlight => Gate.Inside;

    /// <summary>Those of <see cref="InFlight"/> that are WebSockets or other tunnels.</summary>
    public int Tunnels => Volatile.Read(ref _tunnels);

    public long Requests => Interlocked.Read(ref _requests);

    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>The places that this node's requests have here, and those that wait for one.</summary>
    public BackendGate Gate { get; } = new();

    /// <summary>How long its unused connections are kept.</summary>
    public IdleLimit Idle { get; } = new();

    /// <summary>Requests that found the queue full.</summary>
    public long QueueRefusals => Interlocked.Read(ref _queueRefusals);

    /// <summary>Requests that waited too long in the queue.</summary>
    public long QueueTimeouts => Interlocked.Read(ref _queueTimeouts);

    /// <summary>True: this node sends no requests here until a verdict closes it.</summary>
    public bool CircuitOpen => _circuitOpen;

    /// <summary>A request is sent here, or sent here again.</summary>
    public void Began() => Interlocked.Increment(ref _requests);

    public void TunnelBegan() => Interlocked.Increment(ref _tunnels);

    public void TunnelEnded() => Interlocked.Decrement(ref _tunnels);

    public void Failed() => Interlocked.Increment(ref _failures);

    public void QueueWasFull() => Interlocked.Increment(ref _queueRefusals);

    public void QueueTookTooLong() => Interlocked.Increment(ref _queueTimeouts);

    public void OpenCircuit() => _circuitOpen = true;

    public void CloseCircuit() => _circuitOpen = false;
}
