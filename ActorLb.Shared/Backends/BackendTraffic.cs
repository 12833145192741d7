namespace ActorLb.Shared.Backends;

/// <summary>
/// What this node has seen of one backend: counters, the local circuit, and whether it wants a probe. Lives as long as
/// the backend is in a pool, outlives every snapshot that refers to it, until it is forgotten; changed by the data plane, read by everybody.
/// </summary>
public sealed class BackendTraffic
{
    /// <summary>Reasons that failures are counted by.</summary>
    public const int ReasonsMax = 64;

    private const long Never = long.MinValue;

    private long _requests;
    private long _failures;
    private long _badAnswers;
    private long _unaskedAnswers;
    private long _queueRefusals;
    private long _queueTimeouts;
    private int _tunnels;
    private long _unreachedMoves;
    private long _confirmedAt = Never;
    private long _silentSince = Never;
    private long _closedAt = Never;
    private long _holdRefusals;
    private int _held;
    private int _probeWanted;
    private readonly long[] _circuitsOpened = new long[(int)CircuitReason.Statuses + 1];
    private long[]? _failuresBy;
    private volatile OpenedCircuit? _circuit;
    private volatile bool _isForgotten;

    /// <summary>
    /// The backend is in no pool any more and nothing of it is open: whatever is kept for it is dropped. What a part of the node
    /// remembers of a backend hangs on this object, and goes with it.
    /// </summary>
    public bool IsForgotten => _isForgotten;

    /// <summary>No request has its place here, or waits for one.</summary>
    public bool IsIdle => Gate is { Inside: 0, Waiting: 0 } && Held == 0;

    /// <summary>Requests that have their place here now.</summary>
    public int InFlight => Gate.Inside;

    /// <summary>Those of <see cref="InFlight"/> that are WebSockets or other tunnels.</summary>
    public int Tunnels => Volatile.Read(ref _tunnels);

    public long Requests => Interlocked.Read(ref _requests);

    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>The same by their reasons, as <see cref="Failed"/> was told them; empty before the first.</summary>
    public ReadOnlySpan<long> FailuresByReason => Volatile.Read(ref _failuresBy);

    /// <summary>Answers of class 5 that the backend gave itself.</summary>
    public long BadAnswers => Interlocked.Read(ref _badAnswers);

    /// <summary>The places that this node's requests have here, and those that wait for one.</summary>
    public BackendGate Gate { get; } = new();

    /// <summary>How long its unused connections are kept.</summary>
    public IdleLimit Idle { get; } = new();

    /// <summary>The last requests that failed here.</summary>
    public FailureNotes FailureNotes { get; } = new();

    /// <summary>What became of sessions here.</summary>
    public SessionCounts Sessions { get; } = new();

    /// <summary>Connections that were closed because the backend had said something on them before it was asked.</summary>
    public long UnaskedAnswers => Interlocked.Read(ref _unaskedAnswers);

    /// <summary>Requests that found the queue full.</summary>
    public long QueueRefusals => Interlocked.Read(ref _queueRefusals);

    /// <summary>Requests that waited too long in the queue.</summary>
    public long QueueTimeouts => Interlocked.Read(ref _queueTimeouts);

    /// <summary>Several requests of this node failed here, and no verdict has refuted it since; null: none is open.</summary>
    public OpenedCircuit? Circuit => _circuit;

    public bool CircuitOpen => _circuit is not null;

    /// <summary>True: this node sends no new sessions here until a verdict closes its circuit. Sessions that live here go on coming.</summary>
    public bool IsEjected => _circuit is { Ejects: true };

    /// <summary>
    /// The circuit is open and connects time out: requests of sessions that live here wait for the verdict, since each
    /// connect of their own would cost them connect-timeout.
    /// </summary>
    public bool IsSilent => SilentSince != Never;

    /// <summary>Since when, as a timestamp of the data plane's clock; the least value where it is not.</summary>
    public long SilentSince => Interlocked.Read(ref _silentSince);

    /// <summary>When the last circuit closed: a timestamp; the least value before.</summary>
    public long ClosedAt => Interlocked.Read(ref _closedAt);

    /// <summary>Requests that wait for the verdict on this backend now, or for the next try to connect.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Requests that were to wait and could not, because too many did.</summary>
    public long HoldRefusals => Interlocked.Read(ref _holdRefusals);

    /// <summary>Sessions that left because this node could not connect, although the backend was up.</summary>
    public long UnreachedMoves => Interlocked.Read(ref _unreachedMoves);

    /// <summary>When the observers, asked by this node, last said that the backend is up: a timestamp; the least value before.</summary>
    public long ConfirmedAt => Interlocked.Read(ref _confirmedAt);

    public void Forget() => _isForgotten = true;

    /// <summary>The backend is in a pool again.</summary>
    public void Remember() => _isForgotten = false;

    /// <summary>A request is sent here, or sent here again.</summary>
    public void Began() => Interlocked.Increment(ref _requests);

    public void TunnelBegan() => Interlocked.Increment(ref _tunnels);

    public void TunnelEnded() => Interlocked.Decrement(ref _tunnels);

    /// <param name="reason">A number of the data plane's; beyond the last that is counted: that one.</param>
    public void Failed(int reason = 0)
    {
        Interlocked.Increment(ref _failures);
        long[] by = Volatile.Read(ref _failuresBy) ?? MakeFailuresBy();
        Interlocked.Increment(ref by[Math.Min(reason, ReasonsMax - 1)]);
    }

    public void AnsweredBadly() => Interlocked.Increment(ref _badAnswers);

    /// <param name="now">Milliseconds of the steady clock.</param>
    public void SpokeUnasked(long now)
    {
        Idle.Spoke(now);
        Interlocked.Increment(ref _unaskedAnswers);
    }

    public void QueueWasFull() => Interlocked.Increment(ref _queueRefusals);

    public void QueueTookTooLong() => Interlocked.Increment(ref _queueTimeouts);

    public void HoldBegan() => Interlocked.Increment(ref _held);

    public void HoldRefused() => Interlocked.Increment(ref _holdRefusals);

    public void HoldEnded() => Interlocked.Decrement(ref _held);

    public void SessionLeftUnreached() => Interlocked.Increment(ref _unreachedMoves);

    /// <param name="circuit">Replaces one that is open; null: one that ejects, without a time.</param>
    public void OpenCircuit(OpenedCircuit? circuit = null)
    {
        circuit ??= OpenedCircuit.Ejecting;
        if (_circuit is null)
        {
            Interlocked.Increment(ref _circuitsOpened[(int)circuit.Reason]);
        }

        _circuit = circuit;
    }

    /// <summary>How often a circuit was opened for this reason.</summary>
    public long CircuitsOpened(CircuitReason reason) => Interlocked.Read(ref _circuitsOpened[(int)reason]);

    /// <summary>The circuit is open, and connects time out.</summary>
    public void FallSilent(long timestamp)
    {
        _circuit ??= OpenedCircuit.Ejecting;
        Interlocked.Exchange(ref _silentSince, timestamp);
    }

    /// <param name="timestamp">Now; left out where nobody asks when it was.</param>
    public void CloseCircuit(long timestamp = Never)
    {
        Interlocked.Exchange(ref _silentSince, Never);
        Interlocked.Exchange(ref _closedAt, timestamp);
        _circuit = null;
    }

    /// <summary>The circuit stays open, and connects no longer time out.</summary>
    public void Speak() => Interlocked.Exchange(ref _silentSince, Never);

    public void Confirmed(long timestamp) => Interlocked.Exchange(ref _confirmedAt, timestamp);

    /// <summary>Wants the observers asked for a probe now. True where nobody wanted it for this reason since they were last asked.</summary>
    public bool WantProbe(ProbeReason reason) =>
        ((ProbeReason)Volatile.Read(ref _probeWanted) & reason) != reason
        && ((ProbeReason)Interlocked.Or(ref _probeWanted, (int)reason) & reason) != reason;

    /// <summary>Why a probe is wanted; nothing is wanted afterwards.</summary>
    public ProbeReason TakeProbeWanted() =>
        Volatile.Read(ref _probeWanted) == 0 ? ProbeReason.None : (ProbeReason)Interlocked.Exchange(ref _probeWanted, 0);

    private long[] MakeFailuresBy()
    {
        var made = new long[ReasonsMax];
        return Interlocked.CompareExchange(ref _failuresBy, made, null) ?? made;
    }
}
