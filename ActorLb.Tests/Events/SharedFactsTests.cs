using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Shared.Messages;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class SharedFactsTests
{
    private static readonly EventNote Down = new(EventKind.BackendDown, "web/a is down: n1 says not well") { Pool = "web", Backend = "a" };

    private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private string[] _active = ["n1", "n2", "n3"];
    private string[] _unreachable = [];

    [Fact]
    public void The_oldest_node_says_it_at_once_and_the_others_do_not()
    {
        (EventLog log, SharedFacts facts)[] nodes = Nodes();
        Offer(nodes, Down);
        Share(nodes);
        Pass(nodes, SharedFacts.Turn * 4);
        Assert.All(nodes, n => Assert.Equal(["n1"], Said(n.log)));
    }

    [Fact]
    public void Where_the_oldest_is_silent_the_next_one_says_it_and_no_other()
    {
        (EventLog log, SharedFacts facts)[] nodes = [.. Nodes().Skip(1)];
        Offer(nodes, Down);
        Pass(nodes, SharedFacts.Turn - TimeSpan.FromMilliseconds(1));
        Assert.All(nodes, n => Assert.Empty(Said(n.log)));
        Pass(nodes, TimeSpan.FromMilliseconds(1));
        Share(nodes);
        Pass(nodes, SharedFacts.Turn * 4);
        Assert.All(nodes, n => Assert.Equal(["n2"], Said(n.log)));
    }

    [Fact]
    public void What_happens_twice_is_said_twice()
    {
        (EventLog log, SharedFacts facts)[] nodes = Nodes();
        foreach (EventNote note in new[] { Down, Down with { Kind = EventKind.BackendUp }, Down })
        {
            Offer(nodes, note);
            Share(nodes);
            Pass(nodes, TimeSpan.FromSeconds(1));
        }

        Pass(nodes, SharedFacts.Turn * 4);
        Assert.Equal([EventKind.BackendDown, EventKind.BackendUp, EventKind.BackendDown], nodes[2].log.All().Events.Select(e => e.Kind));
    }

    [Fact]
    public void What_is_news_here_only_is_said_by_the_oldest_or_by_nobody()
    {
        (EventLog log, SharedFacts facts)[] nodes = Nodes();
        nodes[1].facts.Offer(Down, isNewsHereOnly: true);
        Pass(nodes, SharedFacts.AloneAfter * 2);
        Assert.Empty(Said(nodes[1].log));
        nodes[0].facts.Offer(Down, isNewsHereOnly: true);
        Assert.Equal(["n1"], Said(nodes[0].log));
    }

    [Fact]
    public void A_node_without_a_cluster_waits_and_then_speaks_for_itself()
    {
        (EventLog log, SharedFacts facts)[] nodes = Nodes();
        _active = [];
        nodes[1].facts.Offer(Down, isNewsHereOnly: true);
        Pass(nodes, SharedFacts.AloneAfter - TimeSpan.FromMilliseconds(1));
        Assert.Empty(Said(nodes[1].log));
        Pass(nodes, TimeSpan.FromMilliseconds(1));
        Assert.Equal(["n2"], Said(nodes[1].log));
    }

    [Fact]
    public void What_waited_for_the_cluster_is_said_when_the_node_is_its_oldest_and_dropped_when_it_is_not()
    {
        (EventLog log, SharedFacts facts)[] nodes = Nodes();
        _active = [];
        nodes[0].facts.Offer(Down, isNewsHereOnly: true);
        nodes[1].facts.Offer(Down, isNewsHereOnly: true);
        _active = ["n1", "n2"];
        Pass(nodes, SharedFacts.AloneAfter * 2);
        Assert.All(nodes, n => Assert.Equal(["n1"], Said(n.log)));
    }

    [Fact]
    public void What_is_over_names_how_it_began()
    {
        (EventLog log, SharedFacts facts) = Nodes()[0];
        facts.Offer(Down);
        facts.Offer(Down with { Backend = "b" });
        facts.Offer(Down with { Kind = EventKind.BackendUp });
        NodeEvent[] events = [.. log.All().Events];
        Assert.Equal(events[0].Id, events[2].Cause);
    }

    [Fact]
    public void What_a_node_saw_while_it_was_cut_off_is_not_said_once_it_is_back()
    {
        (EventLog log, SharedFacts facts)[] nodes = Nodes();
        _active = [];
        nodes[2].facts.Offer(new EventNote(EventKind.NodeRemoved, "n1 was taken out of the cluster, because it did not answer"));
        _active = ["n1", "n2", "n3"];
        Pass(nodes, SharedFacts.AloneAfter * 2);
        Assert.Empty(Said(nodes[0].log));
        Assert.True(nodes[2].facts.IsSettled);
    }

    [Fact]
    public void What_is_over_before_the_next_node_has_its_turn_is_not_said()
    {
        (EventLog log, SharedFacts facts)[] nodes = [.. Nodes().Skip(1)];
        _unreachable = ["n3"];
        nodes[0].facts.Offer(new EventNote(EventKind.NodeUnreachable, "n3 does not answer"));
        _unreachable = [];
        nodes[0].facts.Offer(new EventNote(EventKind.NodeReachable, "n3 answers again"));
        Pass(nodes, SharedFacts.Turn * 4);
        Assert.Equal([EventKind.NodeReachable], nodes[0].log.All().Events.Select(e => e.Kind));
    }

    [Fact]
    public void Of_a_backend_only_the_last_that_was_seen_waits()
    {
        (EventLog log, SharedFacts facts)[] nodes = [.. Nodes().Skip(1)];
        _active = [];
        nodes[0].facts.Offer(Down);
        nodes[0].facts.Offer(Down with { Backend = "b" });
        _active = ["n1", "n2", "n3"];
        nodes[0].facts.Offer(Down with { Kind = EventKind.BackendUp }, isNewsHereOnly: true);
        Pass(nodes, SharedFacts.AloneAfter);
        Assert.Equal(["b"], nodes[0].log.All().Events.Select(e => e.Backend));
    }

    [Fact]
    public void That_a_node_was_taken_out_is_said_once_also_where_one_sees_it_much_later_and_in_other_words()
    {
        (EventLog log, SharedFacts facts)[] nodes = Nodes();
        _active = ["n1", "n2"];
        nodes[0].facts.Offer(new EventNote(EventKind.NodeRemoved, "n3 was taken out of the cluster, because it did not answer"));
        Share(nodes);
        Pass(nodes, TimeSpan.FromSeconds(30));
        nodes[1].facts.Offer(new EventNote(EventKind.NodeRemoved, "n3 has left the cluster"));
        Pass(nodes, SharedFacts.Turn * 4);
        Assert.Equal(["n1"], Said(nodes[1].log));
    }

    [Fact]
    public void That_a_node_is_taken_out_and_comes_again_is_said_each_time()
    {
        (EventLog log, SharedFacts facts)[] nodes = Nodes();
        for (int i = 0; i < 2; i++)
        {
            _active = ["n1", "n2"];
            Offer(nodes[..2], new EventNote(EventKind.NodeRemoved, "n3 has left the cluster"));
            Share(nodes);
            Pass(nodes, TimeSpan.FromSeconds(1));
            _active = ["n1", "n2", "n3"];
            Offer(nodes, new EventNote(EventKind.NodeJoined, "n3 has joined the cluster"));
            Share(nodes);
            Pass(nodes, TimeSpan.FromSeconds(1));
        }

        Pass(nodes, SharedFacts.Turn * 4);
        Assert.Equal([EventKind.NodeRemoved, EventKind.NodeJoined, EventKind.NodeRemoved, EventKind.NodeJoined], nodes[2].log.All().Events.Select(e => e.Kind));
        Assert.All(Said(nodes[2].log), node => Assert.Equal("n1", node));
    }

    [Fact]
    public void Who_knows_most_of_it_speaks_before_the_oldest_and_where_he_is_gone_the_oldest_does()
    {
        (EventLog log, SharedFacts facts)[] nodes = Nodes();
        foreach ((_, SharedFacts facts) in nodes)
        {
            facts.Offer(Down, first: "n2");
        }

        Share(nodes);
        Pass(nodes, SharedFacts.Turn * 4);
        Assert.Equal(["n2"], Said(nodes[0].log));

        _active = ["n1", "n3"];
        (EventLog Log, SharedFacts Facts)[] left = [nodes[0], nodes[2]];
        foreach ((_, SharedFacts facts) in left)
        {
            facts.Offer(Down with { Backend = "b" }, first: "n2");
        }

        Share(left);
        Pass(left, SharedFacts.Turn * 4);
        Assert.Equal(["n2", "n1"], Said(left[1].Log));
    }

    private static string[] Said(EventLog log) => [.. log.All().Events.Select(e => e.Id.Node)];

    private static void Offer((EventLog Log, SharedFacts Facts)[] nodes, EventNote note)
    {
        foreach ((_, SharedFacts facts) in nodes)
        {
            facts.Offer(note);
        }
    }

    private static void Share((EventLog Log, SharedFacts Facts)[] nodes)
    {
        foreach ((EventLog to, _) in nodes)
        {
            foreach ((EventLog from, _) in nodes)
            {
                to.Take(from.All().Events);
            }
        }
    }

    private void Pass((EventLog Log, SharedFacts Facts)[] nodes, TimeSpan time)
    {
        _now += time;
        foreach ((EventLog log, SharedFacts facts) in nodes)
        {
            facts.Look(log);
            Share(nodes);
        }
    }

    private (EventLog Log, SharedFacts Facts)[] Nodes() =>
    [
        .. new[] { "n1", "n2", "n3" }.Select(name =>
        {
            var log = new EventLog(name, () => _now, NullLogger.Instance, 100);
            return (log, new SharedFacts(log, () => new MembershipChanged(name, [.. _active.Select(a => new NodeMember(a, a, "up", !_unreachable.Contains(a)))])));
        }),
    ];
}
