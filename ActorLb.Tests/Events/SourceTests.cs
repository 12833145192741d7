using ActorLb.Engine;
using ActorLb.Engine.Measurements;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Node.Health;
using ActorLb.Node.Revisions;
using ActorLb.Node.Storage;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Tests.Health;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Events;

/// <summary>What a node's parts show of themselves becomes an event when it is otherwise than at the look before.</summary>
public sealed class SourceTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly EventLog _log;
    private readonly SharedFacts _facts;

    public SourceTests()
    {
        _log = new EventLog("n1", _time.GetUtcNow, NullLogger.Instance, 100);
        _facts = new SharedFacts(_log, () => new MembershipChanged("n1", [new NodeMember("n1", "n1", "up", true)]));
    }

    [Fact]
    public void Another_key_is_told_by_its_id_and_the_first_one_is_not()
    {
        var plane = new DataPlane(TestPools.Node(TestPools.Pool("web", "http://s:1")), _time) { Keys = TicketKeyRing.Empty };
        var source = new KeySource(plane, _facts, id => id == TicketKey.FromText("two").Id ? "ci (10.0.0.5) at n2" : null);
        TicketKey one = TicketKey.FromText("one");
        TicketKey two = TicketKey.FromText("two");
        source.Look(_log);
        foreach (TicketKey key in new[] { one, one, two, two })
        {
            plane.Keys = TicketKeyRing.Of([key]);
            source.Look(_log);
        }

        NodeEvent rotated = Assert.Single(_log.All().Events);
        Assert.Equal(EventKind.KeysRotated, rotated.Kind);
        Assert.Equal("ci (10.0.0.5) at n2", rotated.Who);
        Assert.Equal($"Tickets are signed with key {two.Id:x4} now; those of key {one.Id:x4} are honoured on", rotated.Text);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_told_and_that_it_can_again_names_that()
    {
        var status = new StorageStatus(StorageState.Ok, null, _time.GetUtcNow(), 0, TimeSpan.Zero);
        var source = new StorageSource(() => status);
        source.Look(_log);
        status = status with { State = StorageState.Failing, Detail = "disk is full" };
        source.Look(_log);
        source.Look(_log);
        status = status with { State = StorageState.Ok, Detail = null };
        source.Look(_log);
        Assert.Equal([EventKind.StorageFailing, EventKind.StorageRecovered], _log.All().Events.Select(e => e.Kind));
        Assert.Equal("n1 cannot write its file: disk is full; it goes on in memory", _log.All().Events[0].Text);
        Assert.Equal(_log.All().Events[0].Id, _log.All().Events[1].Cause);
    }

    [Fact]
    public void Revisions_are_told_as_what_they_are_and_that_this_node_cannot_run_one_by_itself()
    {
        var status = new RevisionStatus(RevisionHistory.Empty.With(Revision(1)), null);
        var source = new RevisionSource(() => status, _facts);
        source.Look(_log);
        foreach (RevisionStatus next in new[]
        {
            status with { History = status.History.With(Revision(2)) },
            status with { History = status.History.With(Revision(2)).With(Revision(3) with { Note = "rollback to 1" }) },
            status with { History = RevisionHistory.Empty.With(Revision(4) with { Text = null }) },
            status with { History = RevisionHistory.Empty.With(Revision(5)), Problem = "port 80 is in use" },
        })
        {
            status = next;
            source.Look(_log);
            source.Look(_log);
        }

        Assert.Equal(
            [EventKind.TopologyApplied, EventKind.TopologyRolledBack, EventKind.TopologyReleased, EventKind.TopologyApplied, EventKind.TopologyRefused],
            _log.All().Events.Select(e => e.Kind));
        Assert.Equal("Revision 3, which lb2 took, is in force, a rollback to 1", _log.All().Events[1].Text);
        Assert.Equal("n1 cannot run revision 5, which is in force: port 80 is in use", _log.All().Events[4].Text);
    }

    [Fact]
    public void Observers_that_disagree_for_a_while_are_told_and_that_they_agree_again()
    {
        HealthBoardState board = Votes(true, true, true);
        var source = new DegradedSource(() => board, _facts, _time);
        foreach (HealthBoardState next in new[] { board, Votes(true, true, false), Votes(true, true, false), Votes(true, true, false), Votes(true, true, true) })
        {
            board = next;
            source.Look(_log);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal([EventKind.BackendDegraded, EventKind.BackendUp], _log.All().Events.Select(e => e.Kind));
        Assert.StartsWith("web/a is up, and not for all observers: n3 says not well (503)", _log.All().Events[0].Text, StringComparison.Ordinal);
        Assert.Equal(_log.All().Events[0].Id, _log.All().Events[1].Cause);
    }

    [Fact]
    public void A_server_that_dies_and_is_called_down_by_one_observer_before_the_others_is_not_degraded()
    {
        HealthBoardState board = Votes(true, true, true);
        var source = new DegradedSource(() => board, _facts, _time);
        foreach (HealthBoardState next in new[] { board, Votes(true, true, false), Votes(false, false, false), Votes(false, false, false) })
        {
            board = next;
            source.Look(_log);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Empty(_log.All().Events);
    }

    [Fact]
    public void A_backend_of_which_a_part_fails_for_a_while_is_told_once_and_that_it_is_over()
    {
        (long Requests, long Failures) now = (100, 50);
        var source = new FailingSource("n1", () => [new FigureReading(FigureSubject.Of(new BackendName("web", "a")), 0, 0, now.Requests, now.Failures, []) { Reasons = [new FailureCount("queue-full", 9), new FailureCount("", now.Failures - 1), new FailureCount("backend-reset", 1)] }], _facts, _time);
        foreach (long failures in new long[] { 50, 40, 50, 0, 2, 50, 0, 0, 0 })
        {
            now = (100, failures);
            source.Look(_log);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        NodeEvent[] events = [.. _log.All().Events];
        Assert.Equal([EventKind.BackendFailing, EventKind.BackendFailingOver], events.Select(e => e.Kind));
        Assert.Equal("web/a fails: 40 of the 100 requests that n1 asked of it in the last ten seconds: 39 answered with 5xx and 1 backend-reset", events[0].Text);
        Assert.Contains("\"reasons\":{\"status-5xx\":39,\"backend-reset\":1}", events[0].Data, StringComparison.Ordinal);
        Assert.Equal(events[0].Id, events[1].Cause);
    }

    [Fact]
    public void A_backend_that_is_much_slower_than_the_others_for_a_while_is_told_once_and_that_it_is_over()
    {
        int slow = 0;
        var source = new SlowSource("n1", () => [Reading("a", slow), Reading("b", 2)], _facts, _time);
        foreach (int next in new[] { 2000, 2000, 60, 2, 2000, 2, 2, 2 })
        {
            slow = next;
            source.Look(_log);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        NodeEvent[] events = [.. _log.All().Events];
        Assert.Equal([EventKind.BackendSlow, EventKind.BackendSlowOver], events.Select(e => e.Kind));
        Assert.StartsWith("web/a is slow: half of the answers that n1 got in the last ten seconds began after ", events[0].Text, StringComparison.Ordinal);
        Assert.Equal(events[0].Id, events[1].Cause);

        static FigureReading Reading(string id, int milliseconds)
        {
            long[] latencies = new long[LatencyBounds.Count];
            latencies[LatencyBuckets.IndexOf(milliseconds * TimeSpan.TicksPerMillisecond)] = 20;
            return new FigureReading(FigureSubject.Of(new BackendName("web", id)), 0, 0, 20, 0, [.. latencies]);
        }
    }

    [Fact]
    public void A_few_failures_of_a_moment_are_no_event()
    {
        long failures = 0;
        var source = new FailingSource("n1", () => [new FigureReading(FigureSubject.Of(new BackendName("web", "a")), 0, 0, 1000, failures, [])], _facts, _time);
        foreach (long next in new long[] { 200, 0, 49, 49, 49, 49, 0 })
        {
            failures = next;
            source.Look(_log);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Empty(_log.All().Events);
    }

    private Revision Revision(long number) => new(new RevisionId(number, _time.GetUtcNow(), "lb2"), "ci", "actorlb {}", 1);

    /// <summary>What n1, n2 and n3 say of web/a.</summary>
    private HealthBoardState Votes(params bool[] healthy)
    {
        var at = new Moment(_time.GetUtcNow(), _time.GetElapsedTime(0));
        var plane = new DataPlane(Pools.Node("n1", "unused", Pools.Web("a")), new ManualTime());
        Verdict[] verdicts = [.. healthy.Select((h, i) => new Verdict(new BackendName("web", "a"), $"n{i + 1}", h, h ? "200" : "503", at.Now))];
        HealthBoardState members = HealthBoardState.Start("n1", plane.Routing)
            .WithMembers(new MembershipChanged("n1", [.. verdicts.Select(v => new NodeMember(v.Node, $"akka.tcp://actorlb@{v.Node}:1", "up", Reachable: true))]), at);
        return verdicts.Skip(1).Aggregate(members.WithOwn(verdicts[0], at), (board, v) => board.WithReport(new VerdictsReported(v.Node, [v]), at));
    }
}
