using System.Collections.Concurrent;
using ActorLb.Engine.Http1;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// Tells the operator which backend failed how: a line at once, then at most one per backend, reason and interval with
/// the number of those between. A dead backend fails thousands of requests a second; they all say the same.
/// </summary>
/// <remarks>Keeps one entry per backend and reason: bounded by the configuration.</remarks>
internal sealed class FailureLog(ILogger logger, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Pool, string Backend, FailureReason Reason), Entry> _entries = new();

    /// <param name="cause">The exception at the bottom of it, where there is one: its message says what the network said.</param>
    /// <param name="fault">What is wrong with the backend's answer, where that is it.</param>
    public void Tell(string pool, string backend, FailureReason reason, Exception? cause, MessageFault fault = MessageFault.None)
    {
        Entry entry = _entries.GetOrAdd((pool, backend, reason), _ => new Entry());
        Interlocked.Increment(ref entry.Untold);
        long now = time.GetTimestamp();
        long due = Volatile.Read(ref entry.DueAt);
        if (now >= due && Interlocked.CompareExchange(ref entry.DueAt, now + Ticks(Interval), due) == due)
        {
            long failures = Interlocked.Exchange(ref entry.Untold, 0);
            logger.LogWarning(
                "{Failures} request(s) failed at {Pool}/{Backend}: {Reason}{Cause}",
                failures,
                pool,
                backend,
                FailureAnswer.Of(reason).Name,
                fault != MessageFault.None ? $" ({FaultMeaning.Of(fault).Text})"
                : cause is null ? "" : $" ({cause.GetBaseException().Message})");
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private sealed class Entry
    {
        public long DueAt = long.MinValue;
        public long Untold;
    }
}
