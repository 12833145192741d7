using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;

namespace ActorLb.Tests.Chaos;

/// <summary>A history written by hand: three nodes a, b, c before the backends x, y, z, a hundred seconds long.</summary>
internal sealed class WrittenHistory
{
    private readonly List<Attempt> _attempts = [];
    private readonly List<FaultSpan> _faults = [];
    private readonly List<NodeReport> _reports = [];
    private readonly List<Tunnel> _tunnels = [];
    private readonly List<Change> _changes = [];
    private readonly List<string> _complaints = [];

    /// <summary>A session's request that was answered: sent at a second, a tenth long.</summary>
    public WrittenHistory Visit(double at, string node, string session, string backend, double took = 0.1) => Add(
        new Attempt { Number = 0, Client = ClientKind.Browser, Browser = 1, Node = node, Sent = at, Ended = at + took, End = AttemptEnd.Answered, Status = 200, SessionSent = session, Backend = backend });

    /// <summary>A session's request that was not answered well.</summary>
    public WrittenHistory Fail(double at, string node, string? session, AttemptEnd end = AttemptEnd.Answered, int status = 502, double took = 0.1) => Add(
        new Attempt { Number = 0, Client = ClientKind.Browser, Browser = 1, Node = node, Sent = at, Ended = at + took, End = end, Status = end == AttemptEnd.Answered ? status : 0, SessionSent = session });

    /// <summary>A request without a cookie.</summary>
    public WrittenHistory Crawl(double at, string node, string backend) => Add(
        new Attempt { Number = 0, Client = ClientKind.Crawler, Browser = 0, Node = node, Sent = at, Ended = at + 0.1, End = AttemptEnd.Answered, Status = 200, SessionGiven = "new", Backend = backend });

    public WrittenHistory Add(Attempt attempt)
    {
        _attempts.Add(attempt with { Number = _attempts.Count + 1 });
        return this;
    }

    /// <summary>From a second to another; whole one second after that.</summary>
    public WrittenHistory Fault(FaultKind kind, double at, double healed, params string[] backends) => Fault(new FaultSpan
    {
        Number = 0,
        Kind = kind,
        Detail = kind.Word(),
        At = at,
        HealedAt = healed,
        OneClusterAt = healed + 1,
        EqualAt = healed + 1,
        WholeAt = healed + 1,
        Backends = [.. backends],
    });

    public WrittenHistory Fault(FaultSpan fault)
    {
        _faults.Add(fault with { Number = _faults.Count + 1 });
        return this;
    }

    /// <summary>A node is away during a fault of this kind.</summary>
    public WrittenHistory Away(FaultKind kind, double at, double until, string node, bool gracefully = false) => Fault(new FaultSpan
    {
        Number = 0,
        Kind = kind,
        Detail = kind.Word(),
        At = at,
        HealedAt = until,
        OneClusterAt = until + 1,
        EqualAt = until + 1,
        WholeAt = until + 1,
        Away = [new Absence(node, at, until, gracefully)],
    });

    public WrittenHistory Report(double at, string node, int sessions)
    {
        _reports.Add(new NodeReport(at, node, [], 0, [], sessions));
        return this;
    }

    /// <summary>What a node says that it runs, and of the others: in order of the calls.</summary>
    public WrittenHistory Drift(double at, string node, string fingerprint, string[] alike, string[] differing)
    {
        _reports.Add(new NodeReport(at, node, [], 0, [], 0) { Drift = new NodeDrift(node, fingerprint, [.. alike], [.. differing]) });
        return this;
    }

    /// <summary>A WebSocket of the session s through a to x, opened at 1, from which the last was heard half a second before its end.</summary>
    public WrittenHistory Tunnel(double ended, TunnelEnd end, int code = 0, string node = "a", string backend = "x")
    {
        _tunnels.Add(new Tunnel { Browser = 1, Node = node, Session = "s", Backend = backend, Opened = 1, Heard = ended - 0.5, Ended = ended, End = end, Code = code });
        return this;
    }

    public WrittenHistory Tunnel(Tunnel tunnel)
    {
        _tunnels.Add(tunnel);
        return this;
    }

    public WrittenHistory Change(Change change)
    {
        _changes.Add(change);
        return this;
    }

    public WrittenHistory Complain(string what)
    {
        _complaints.Add(what);
        return this;
    }

    public Verdict Judge() => HistoryChecker.Check(ToHistory());

    /// <summary>The numbers of the invariants that do not hold, each once.</summary>
    public int[] Broken() => [.. Judge().Violations.Select(v => v.Invariant).Distinct().Order()];

    public RunHistory ToHistory() => new()
    {
        Facts = new RunFacts("processes", 1, 3, 3, 1, 2, DateTimeOffset.UnixEpoch, 100),
        Attempts = [.. _attempts.Where(a => a.End != AttemptEnd.Abandoned).OrderBy(a => a.Sent)],
        Abandoned = [.. _attempts.Where(a => a.End == AttemptEnd.Abandoned)],
        Faults = [.. _faults.OrderBy(f => f.At)],
        Reports = [.. _reports],
        Backends = [new BackendSet(0, ["x", "y", "z"])],
        Tunnels = [.. _tunnels],
        Changes = [.. _changes],
        Complaints = [.. _complaints],
    };
}
