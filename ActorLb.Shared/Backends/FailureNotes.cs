namespace ActorLb.Shared.Backends;

/// <summary>The last requests that failed at a backend, few each second: one that is dead fails thousands, and they all say the same. Any thread.</summary>
public sealed class FailureNotes
{
    /// <summary>As many as one reads.</summary>
    public const int Kept = 20;

    /// <summary>To the next one, at least.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Queue<FailureNote> _last = new(Kept);
    private long _dueAt = long.MinValue;

    /// <summary>One may be noted now, and no other for a while.</summary>
    /// <param name="now">A timestamp of the time provider.</param>
    public bool TryTake(TimeProvider time, long now)
    {
        long due = Interlocked.Read(ref _dueAt);
        return now >= due
            && Interlocked.CompareExchange(ref _dueAt, now + (long)(Pause.TotalSeconds * time.TimestampFrequency), due) == due;
    }

    public void Add(FailureNote note)
    {
        lock (_lock)
        {
            if (_last.Count == Kept)
            {
                _last.Dequeue();
            }

            _last.Enqueue(note);
        }
    }

    /// <summary>The latest first.</summary>
    public FailureNote[] Read()
    {
        lock (_lock)
        {
            return [.. _last.Reverse()];
        }
    }
}

/// <summary>A request that failed at a backend, whatever came of it at another one.</summary>
/// <param name="RequestId">The X-Request-Id that the backend got and the client gets.</param>
/// <param name="Reason">As clients are told in X-ActorLb-Reason; empty: the backend answered.</param>
/// <param name="Status">Of the backend's answer; 0: there was none.</param>
public readonly record struct FailureNote(DateTimeOffset At, string RequestId, string Reason, int Status);
