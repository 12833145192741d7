namespace ActorLb.Engine.Memory;

/// <summary>
/// Says whether there is memory for new requests and connections. Looks ten times a second; asking costs one read. Any thread.
/// </summary>
public sealed class MemoryGate : IDisposable
{
    /// <summary>Of what there is, by default: the rest is for the heap's own reserve, the system's buffers for sockets, and what grows between two looks.</summary>
    private const double DefaultShare = 0.75;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly Lock _look = new();
    private readonly List<Func<long>> _reserved = [];
    private readonly TimeProvider _time;
    private readonly MemoryUse _use = new();
    private MemoryState _state;
    private ITimer? _timer;
    private volatile MemoryLevel _level;
    private Func<long>[] _reservedOf = [];
    private long _limit;
    private long _rest;
    private long _used;
    private long _refused;
    private bool _isDisposed;

    /// <param name="limit">limits.memory, in bytes; 0: a share of what there is.</param>
    public MemoryGate(long limit, TimeProvider time)
    {
        _time = time;
        Apply(limit);
        Use = _use.Read;
    }

    /// <summary>The level has changed to this one. On the thread that looks.</summary>
    internal event Action<MemoryLevel>? Changed;

    /// <summary>In bytes.</summary>
    public long Limit => Interlocked.Read(ref _limit);

    /// <summary>As of the last look, in bytes: what is in use, or what may be at any moment.</summary>
    public long Used => Interlocked.Read(ref _used);

    internal MemoryLevel Level => _level;

    /// <summary>New requests are refused.</summary>
    public bool IsFull => _level != MemoryLevel.Free;

    /// <summary>New connections are refused.</summary>
    public bool IsOver => _level == MemoryLevel.Over;

    /// <summary>Requests that were refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>What is looked at, and how it is cleaned up. For tests.</summary>
    internal Func<long> Use { get; set; }

    internal Action Collect { get; set; } = static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);

    /// <summary>
    /// What was taken in may grow to what it has reserved faster than anybody can look: whether there is room for all of it. What is
    /// reserved is not counted beside what is in use, since most of it is the same.
    /// </summary>
    internal bool HasRoom => Reserved < Limit;

    /// <summary>Whether there is room for what is held for no request's need: half of the limit is for new ones.</summary>
    internal bool HasRoomToHold => !IsFull && Reserved < Limit / 2;

    private long Reserved
    {
        get
        {
            long bytes = Volatile.Read(ref _rest);
            foreach (Func<long> reserved in Volatile.Read(ref _reservedOf))
            {
                bytes += reserved();
            }

            return bytes;
        }
    }

    /// <summary>From now on; what was taken in beyond a lower one stays.</summary>
    /// <param name="limit">limits.memory, in bytes; 0: a share of what there is.</param>
    internal void Apply(long limit) => Interlocked.Exchange(ref _limit, limit > 0 ? limit : (long)(MemoryUse.Available * DefaultShare));

    /// <summary>Somebody reserves; asked from any thread, and may be a little late.</summary>
    internal void Count(Func<long> reserved)
    {
        lock (_look)
        {
            _reserved.Add(reserved);
            Volatile.Write(ref _reservedOf, [.. _reserved]);
        }
    }

    /// <summary>Nobody reserves that way any more.</summary>
    internal void Discount(Func<long> reserved)
    {
        lock (_look)
        {
            _reserved.Remove(reserved);
            Volatile.Write(ref _reservedOf, [.. _reserved]);
        }
    }

    internal void Refuse() => Interlocked.Increment(ref _refused);

    /// <summary>Looks from now on.</summary>
    public void Start()
    {
        lock (_look)
        {
            if (!_isDisposed)
            {
                // Before the first client: what the node itself needs.
                Volatile.Write(ref _rest, Math.Min(Use(), Limit / 2));
                _timer ??= _time.CreateTimer(static g => ((MemoryGate)g!).Look(), this, Period, Period);
            }
        }
    }

    public void Dispose()
    {
        lock (_look)
        {
            _isDisposed = true;
            _timer?.Dispose();
            _use.Dispose();
        }
    }

    internal void Look()
    {
        MemoryLevel before;
        MemoryLevel now;
        bool collects;
        lock (_look)
        {
            if (_isDisposed)
            {
                return;
            }

            long used = Math.Max(Use(), Reserved);
            Interlocked.Exchange(ref _used, used);
            before = _level;
            (_state, collects) = _state.After(used, Limit, _time.GetElapsedTime(0));
            now = _state.Level;
            _level = now;
        }

        if (collects)
        {
            Collect();
        }

        if (now != before)
        {
            Changed?.Invoke(now);
        }
    }
}
