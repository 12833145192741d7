using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Shared.Messages;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

/// <summary>What a node began to say and cannot end any more is ended, once.</summary>
public sealed class UnendedSourceTests
{
    private readonly HashSet<EventId> _goingOn = [];
    private readonly HashSet<string> _elsewhere = [];
    private readonly HashSet<string> _agreeing = [];
    private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private string[] _members = ["n1", "n2", "n3"];

    public static TheoryData<object, object> Pairs => new()
    {
        { EventKind.CircuitOpened, EventKind.CircuitClosed },
        { EventKind.LimitReached, EventKind.LimitOver },
        { EventKind.StorageFailing, EventKind.StorageRecovered },
        { EventKind.BackendFailing, EventKind.BackendFailingOver },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void What_a_node_began_that_is_gone_the_oldest_ends_once(object begins, object ends)
    {
        EventLog[] logs = Logs();
        UnendedSource[] sources = Sources(logs);
        NodeEvent begun = logs[2].Note(Begin((EventKind)begins));
        Pass(logs, sources, TimeSpan.Zero);
        Pass(logs, sources, PartitionEndSource.AuthorAwayMax * 2);
        Assert.Single(logs[0].All().Events);

        _members = ["n1", "n2"];
        Pass(logs[..2], sources[..2], TimeSpan.Zero);
        Pass(logs[..2], sources[..2], PartitionEndSource.AuthorAwayMax - TimeSpan.FromMilliseconds(1));
        Assert.Single(logs[0].All().Events);
        Pass(logs[..2], sources[..2], TimeSpan.FromMilliseconds(1));
        Pass(logs[..2], sources[..2], PartitionEndSource.AuthorAwayMax * 2);
        NodeEvent end = Assert.Single(logs[1].All().Events.Skip(1));
        Assert.Equal(("n1", (EventKind)ends, begun.Id, EventSeverity.Info, "web", "a"), (end.Id.Node, end.Kind, end.Cause!.Value, end.Severity, end.Pool, end.Backend));
        Assert.Equal(begun.Data, end.Data);
        Assert.Equal("n3 is gone, and what it said is over: something is otherwise", end.Text);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_node_that_starts_anew_ends_what_it_said_before_and_not_what_it_says_now(object begins, object ends)
    {
        EventLog before = Log("n3");
        NodeEvent begun = before.Note(Begin((EventKind)begins));
        _now += TimeSpan.FromSeconds(1);
        EventLog log = Log("n3");
        log.Take([begun]);
        var source = new UnendedSource(log, Membership("n3"), _ => false, _ => true, _ => false);
        source.Look(log);
        _now += PartitionEndSource.AuthorAwayMax - TimeSpan.FromMilliseconds(1);
        source.Look(log);
        Assert.Single(log.All().Events);
        _now += TimeSpan.FromMilliseconds(1);
        source.Look(log);
        source.Look(log);
        NodeEvent end = Assert.Single(log.All().Events.Skip(1));
        Assert.Equal(((EventKind)ends, begun.Id), (end.Kind, end.Cause!.Value));
        Assert.Equal("n3 has started anew, and does not see any more what it said: something is otherwise", end.Text);
        log.Note(Begin((EventKind)begins));
        source.Look(log);
        Assert.Equal(3, log.All().Events.Length);
    }

    [Fact]
    public void What_this_node_has_said_again_since_its_start_goes_on()
    {
        NodeEvent begun = Log("n3").Note(Begin(EventKind.StorageFailing));
        _now += TimeSpan.FromSeconds(1);
        EventLog log = Log("n3");
        var source = new UnendedSource(log, Membership("n3"), _ => false, _ => true, _ => false);
        log.Take([begun]);
        log.Note(Begin(EventKind.StorageFailing));
        source.Look(log);
        _now += PartitionEndSource.AuthorAwayMax;
        source.Look(log);
        Assert.Equal(2, log.All().Events.Length);
    }

    [Fact]
    public void What_another_node_has_ended_meanwhile_is_not_ended_again_once_its_log_has_come()
    {
        NodeEvent begun = Log("n3").Note(Begin(EventKind.BackendFailing));
        EventLog oldest = Log("n1");
        oldest.Take([begun]);
        NodeEvent end = oldest.Note(EventPairs.Over(begun, "n3 is gone"));
        _now += TimeSpan.FromSeconds(20);
        EventLog log = Log("n3");
        log.Take([begun]);
        bool isUp = false;
        var source = new UnendedSource(log, () => isUp ? Membership("n3")() : new MembershipChanged("n3", [new NodeMember("n1", "n1", "up", true), new NodeMember("n3", "n3", "joining", true)]), _ => false, _ => true, _ => false);

        // However long its way in takes.
        source.Look(log);
        _now += PartitionEndSource.AuthorAwayMax * 2;
        source.Look(log);
        isUp = true;
        source.Look(log);
        _now += TimeSpan.FromSeconds(5);
        source.Look(log);
        log.Take([end]);
        _now += PartitionEndSource.AuthorAwayMax;
        source.Look(log);
        Assert.Equal([begun.Id, end.Id], log.All().Events.Select(e => e.Id));
    }

    [Fact]
    public void A_node_that_stays_alone_ends_what_it_said_before_as_well()
    {
        NodeEvent begun = Log("n3").Note(Begin(EventKind.BackendFailing));
        _now += TimeSpan.FromSeconds(1);
        EventLog log = Log("n3");
        log.Take([begun]);
        _members = ["n3"];
        var source = new UnendedSource(log, Membership("n3"), _ => false, _ => true, _ => false);
        source.Look(log);
        Assert.Single(log.All().Events);
        _now += PartitionEndSource.AuthorAwayMax;
        source.Look(log);
        Assert.Equal(begun.Id, Assert.Single(log.All().Events.Skip(1)).Cause);
    }

    [Fact]
    public void What_its_node_has_ended_is_over()
    {
        EventLog[] logs = Logs();
        UnendedSource[] sources = Sources(logs);
        NodeEvent begun = logs[2].Note(Begin(EventKind.LimitReached));
        logs[2].Note(Begin(EventKind.LimitOver) with { Cause = begun.Id, Data = new { limit = "rate", of = "r", refused = 7 } });
        NodeEvent other = logs[2].Note(Begin(EventKind.LimitReached) with { Data = new { limit = "memory" } });
        Pass(logs, sources, TimeSpan.Zero);
        _members = ["n1", "n2"];
        Pass(logs, sources, TimeSpan.Zero);
        Pass(logs, sources, PartitionEndSource.AuthorAwayMax);
        Assert.Equal(other.Id, Assert.Single(logs[0].All().Events.Skip(3)).Cause);
    }

    [Fact]
    public void What_the_oldest_sees_itself_goes_on()
    {
        EventLog[] logs = Logs();
        UnendedSource[] sources = Sources(logs);
        _goingOn.Add(logs[2].Note(Begin(EventKind.BackendFailing)).Id);
        Pass(logs, sources, TimeSpan.Zero);
        _members = ["n1", "n2"];
        Pass(logs, sources, TimeSpan.Zero);
        Pass(logs, sources, PartitionEndSource.AuthorAwayMax * 2);
        Assert.Single(logs[0].All().Events);
        _goingOn.Clear();
        Pass(logs, sources, TimeSpan.Zero);
        Pass(logs, sources, PartitionEndSource.AuthorAwayMax);
        Assert.Equal(2, logs[0].All().Events.Length);
    }

    [Fact]
    public void That_a_node_goes_by_another_configuration_ends_with_that_node()
    {
        EventLog[] logs = Logs();
        UnendedSource[] sources = Sources(logs);
        NodeEvent drift = logs[1].Note(new EventNote(EventKind.TopologyDrift, "n3 goes by another configuration than the other nodes") { Data = new { member = "n3" } });
        Pass(logs, sources, TimeSpan.Zero);
        Pass(logs, sources, PartitionEndSource.AuthorAwayMax * 2);
        Assert.Single(logs[0].All().Events);
        _members = ["n1", "n2"];
        Pass(logs, sources, TimeSpan.Zero);
        Pass(logs, sources, PartitionEndSource.AuthorAwayMax);
        NodeEvent end = Assert.Single(logs[0].All().Events.Skip(1));
        Assert.Equal((EventKind.TopologyDriftOver, drift.Id), (end.Kind, end.Cause!.Value));
        Assert.Equal("n3 goes by no other configuration any more: it is no member of the cluster any more", end.Text);
    }

    [Fact]
    public void That_a_node_goes_by_another_configuration_ends_once_it_is_heard_and_agrees_although_who_said_so_is_gone()
    {
        EventLog[] logs = Logs();
        UnendedSource[] sources = Sources(logs);
        NodeEvent drift = logs[1].Note(new EventNote(EventKind.TopologyDrift, "n3 goes by another configuration than the other nodes") { Data = new { member = "n3" } });
        _members = ["n1", "n3"];
        Pass(logs, sources, TimeSpan.Zero);
        Pass(logs, sources, PartitionEndSource.AuthorAwayMax * 2);
        Assert.Single(logs[0].All().Events);
        _agreeing.Add("n3");
        Pass(logs, sources, TimeSpan.Zero);
        Pass(logs, sources, PartitionEndSource.AuthorAwayMax);
        NodeEvent end = Assert.Single(logs[0].All().Events.Skip(1));
        Assert.Equal((drift.Id, "n3 goes by no other configuration any more: it goes by the same as the others"), (end.Cause!.Value, end.Text));
    }

    [Theory]
    [InlineData(EventKind.TopologyDrift)]
    [InlineData(EventKind.StorageFailing)]
    public void A_node_that_may_be_cut_off_itself_ends_nothing_of_those_that_it_does_not_hear(object begins)
    {
        EventLog[] logs = Logs();
        UnendedSource[] sources = Sources(logs);
        logs[2].Note(Begin((EventKind)begins) with { Text = "n3 is otherwise" });
        Pass(logs, sources, TimeSpan.Zero);
        _members = ["n1"];
        _elsewhere.UnionWith(["n2", "n3"]);
        Pass(logs[..1], sources[..1], TimeSpan.Zero);
        Pass(logs[..1], sources[..1], PartitionEndSource.AuthorAwayMax * 2);
        Assert.Single(logs[0].All().Events);

        // It is lost for longer than it is told so.
        _elsewhere.Clear();
        Pass(logs[..1], sources[..1], TimeSpan.Zero);
        Pass(logs[..1], sources[..1], PartitionEndSource.AuthorAwayMax);
        Assert.Equal(2, logs[0].All().Events.Length);
    }

    private static EventNote Begin(EventKind kind) => new(kind, "something is otherwise") { Pool = "web", Backend = "a", Data = new { limit = "rate", of = "r" } };

    private EventLog Log(string name) => new(name, () => _now, NullLogger.Instance, 100);

    private EventLog[] Logs() => [Log("n1"), Log("n2"), Log("n3")];

    private Func<MembershipChanged> Membership(string self) => () => new MembershipChanged(self, [.. _members.Select(m => new NodeMember(m, m, "up", true))]);

    private UnendedSource[] Sources(EventLog[] logs) => [.. logs.Select(l => new UnendedSource(l, Membership(l.Node), _elsewhere.Contains, _agreeing.Contains, e => _goingOn.Contains(e.Id)))];

    private void Pass(EventLog[] logs, UnendedSource[] sources, TimeSpan time)
    {
        _now += time;
        for (int i = 0; i < logs.Length; i++)
        {
            foreach (EventLog from in logs)
            {
                logs[i].Take(from.All().Events);
            }

            sources[i].Look(logs[i]);
        }

        foreach (EventLog log in logs[1..])
        {
            log.Take(logs[0].All().Events);
        }
    }
}
