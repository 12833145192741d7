using System.Collections.Concurrent;

namespace ActorLb.Chaos.History;

/// <summary>Gathers what clients, faults and observers saw, on one clock. Any thread may write.</summary>
public sealed class HistoryRecorder(TimeProvider time)
{
    private readonly long _startedAt = time.GetTimestamp();
    private readonly DateTimeOffset _beganAt = time.GetUtcNow();
    private readonly ConcurrentQueue<Attempt> _attempts = [];
    private readonly ConcurrentQueue<Attempt> _abandoned = [];
    private readonly ConcurrentQueue<Tunnel> _tunnels = [];
    private readonly ConcurrentQueue<Change> _changes = [];
    private readonly ConcurrentQueue<string> _complaints = [];
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, FaultSpan> _faults = [];
    private readonly Dictionary<string, NodeReport> _last = [];
    private readonly List<NodeReport> _reports = [];
    private readonly List<BackendSet> _backends = [];
    private long _attemptsStarted;
    private long _notWell;

    /// <summary>Seconds since the run began.</summary>
    public double Now => time.GetElapsedTime(_startedAt).TotalSeconds;

    /// <summary>What there is so far: ended requests, those that were not answered well for whatever reason, and tunnels that ended.</summary>
    public (int Attempts, long NotWell, int Tunnels) Counts => (_attempts.Count, Interlocked.Read(ref _notWell), _tunnels.Count);

    public long NextAttempt() => Interlocked.Increment(ref _attemptsStarted);

    public void Add(Attempt attempt)
    {
        (attempt.End == AttemptEnd.Abandoned ? _abandoned : _attempts).Enqueue(attempt);
        if (attempt is { Succeeded: false, End: not (AttemptEnd.Abandoned or AttemptEnd.Refused) })
        {
            Interlocked.Increment(ref _notWell);
        }
    }

    public void Add(Tunnel tunnel) => _tunnels.Enqueue(tunnel);

    public void Add(Change change) => _changes.Enqueue(change);

    /// <summary>So far.</summary>
    public IReadOnlyCollection<Change> Changes => _changes;

    public void Complain(string what) => _complaints.Enqueue($"{Now:F1}: {what}");

    /// <summary>Writes or replaces a fault.</summary>
    public void Put(FaultSpan fault)
    {
        lock (_lock)
        {
            _faults[fault.Number] = fault;
        }
    }

    /// <summary>Keeps it where it says something new.</summary>
    public void Add(NodeReport report)
    {
        lock (_lock)
        {
            if (!_last.TryGetValue(report.Node, out NodeReport? last) || !last.SaysAs(report))
            {
                _last[report.Node] = report;
                _reports.Add(report);
            }
        }
    }

    public void AddBackends(IEnumerable<string> names)
    {
        lock (_lock)
        {
            _backends.Add(new BackendSet(Now, [.. names.Order(StringComparer.Ordinal)]));
        }
    }

    public RunHistory ToHistory(string target, int seed, int nodes, int backends, int browsers, int tabs)
    {
        lock (_lock)
        {
            return new RunHistory
            {
                Facts = new RunFacts(target, seed, nodes, backends, browsers, tabs, _beganAt, Now),
                Attempts = [.. _attempts.OrderBy(a => a.Sent)],
                Abandoned = [.. _abandoned.OrderBy(a => a.Sent)],
                Faults = [.. _faults.Values.OrderBy(f => f.At)],
                Reports = [.. _reports],
                Backends = [.. _backends],
                Tunnels = [.. _tunnels.OrderBy(t => t.Opened)],
                Changes = [.. _changes.OrderBy(c => c.Asked)],
                Complaints = [.. _complaints],
            };
        }
    }
}
