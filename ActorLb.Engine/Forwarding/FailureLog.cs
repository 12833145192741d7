using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// Tells the operator which backend failed how: a line at once, then at most one per backend, reason and interval with
/// the number of those between. A dead backend fails thousands of requests a second; they all say the same.
/// </summary>
/// <remarks>Keeps one entry per backend and reason, for as long as the backend is known.</remarks>
internal sealed class FailureLog(ILogger logger, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>A line is for reading; status has them all.</summary>
    private const int BackendsTold = 3;

    private readonly ConditionalWeakTable<BackendTraffic, ConcurrentDictionary<FailureReason, Entry>> _entries = [];
    private readonly ConditionalWeakTable<RotationCursor, Entry> _unserved = [];

    /// <param name="cause">The exception at the bottom of it, where there is one: its message says what the network said.</param>
    /// <param name="fault">What is wrong with the backend's answer, where that is it.</param>
    public void Tell(string pool, BackendSnapshot backend, FailureReason reason, Exception? cause, MessageFault fault = MessageFault.None)
    {
        if (IsDue(_entries.GetOrCreateValue(backend.Traffic).GetOrAdd(reason, _ => new Entry()), out long failures))
        {
            Log.RequestsFailedAtBackend(
                logger,
                failures,
                pool,
                backend.Id,
                FailureAnswer.Of(reason).Name,
                fault != MessageFault.None ? $" ({FaultMeaning.Of(fault).Text})"
                    : cause is null ? "" : $" ({cause.GetBaseException().Message})");
        }
    }

    /// <summary>A request that no backend of its pool could take: why that is, of each of the first few.</summary>
    /// <param name="requestId">Of the request: its client has it from X-Request-Id, and so finds the line.</param>
    public void TellUnserved(PoolSnapshot pool, ReadOnlySpan<byte> requestId)
    {
        if (IsDue(_unserved.GetOrCreateValue(pool.Cursor), out long requests))
        {
            string[] why = [.. pool.Backends.Where(b => !b.TakesNewSessions).Take(BackendsTold).Select(Why)];
            int more = pool.Backends.Length - why.Length;
            string advice = pool.Backends.Select(b => ProbeAdvice.For(pool.Name, b.WhyDown)).FirstOrDefault(a => a.Length > 0) ?? "";
            Log.PoolTakesNothing(
                logger,
                requests,
                pool.Name,
                why.Length == 0 ? "it has none" : string.Join(", ", why),
                more > 0 && why.Length > 0 ? $" and {more} more" : "",
                advice.Length > 0 ? $"; {advice}" : "",
                Encoding.ASCII.GetString(requestId));
        }
    }

    private static string Why(BackendSnapshot backend) => backend switch
    {
        { Operator: OperatorState.Maintenance } => $"{backend.Id} is in maintenance",
        { Health: BackendHealth.Down } => $"{backend.Id} is down{(backend.WhyDown.Length > 0 ? $" ({backend.WhyDown})" : "")}",
        { Operator: OperatorState.Draining } => $"{backend.Id} is draining",
        { Health: BackendHealth.Unknown } => $"{backend.Id} was not probed yet",
        _ => $"{backend.Id} cannot be reached from here",
    };

    // Whoever adds up a failure while another one tells is in the next line.
    private bool IsDue(Entry entry, out long untold)
    {
        Interlocked.Increment(ref entry.Untold);
        long now = time.GetTimestamp();
        long due = Volatile.Read(ref entry.DueAt);
        bool isDue = now >= due && Interlocked.CompareExchange(ref entry.DueAt, now + Ticks(Interval), due) == due;
        untold = isDue ? Interlocked.Exchange(ref entry.Untold, 0) : 0;
        return isDue;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private sealed class Entry
    {
        public long DueAt = long.MinValue;
        public long Untold;
    }
}
