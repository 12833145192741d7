using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Engine;
using ActorLb.Tests.Health;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

/// <summary>n3 was cut off, and comes back with what it said meanwhile.</summary>
public sealed class PartitionEndSourceTests
{
    private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private NodeMember[] _members = [Of("n1"), Of("n2"), Of("n3")];
    private HealthBoardState? _board;

    [Theory]
    [InlineData(EventKind.NodeUnreachable)]
    [InlineData(EventKind.NodeRemoved)]
    public void What_a_cut_off_node_said_of_a_healthy_one_is_ended_by_the_oldest_once(object kind)
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        NodeEvent word = logs[2].Note(new EventNote((EventKind)kind, "n2 is gone"));
        Pass(logs, ends, TimeSpan.Zero);
        Pass(logs, ends, PartitionEndSource.Settled - TimeSpan.FromMilliseconds(1));
        Assert.Single(logs[0].All().Events);
        Pass(logs, ends, TimeSpan.FromMilliseconds(1));
        Pass(logs, ends, PartitionEndSource.AuthorAwayMax * 2);
        Assert.All(logs, l => Assert.Single(l.All().Events.Skip(1)));
        NodeEvent end = logs[2].All().Events[1];
        Assert.Equal(("n1", EventKind.NodeReachable, "n2 is in the cluster and answers: n3 saw that otherwise for a while", word.Id), (end.Id.Node, end.Kind, end.Text, end.Cause!.Value));
    }

    [Fact]
    public void The_oldest_says_it_of_itself_too()
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        logs[2].Note(new EventNote(EventKind.NodeRemoved, "n1 was taken out of the cluster"));
        Pass(logs, ends, TimeSpan.Zero);
        Pass(logs, ends, PartitionEndSource.Settled);
        Assert.Equal(EventKind.NodeReachable, logs[1].All().Events[^1].Kind);
    }

    [Fact]
    public void Nothing_is_ended_while_any_member_is_out_of_reach()
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        logs[2].Note(new EventNote(EventKind.NodeUnreachable, "n2 does not answer"));
        _members = [Of("n1"), Of("n2"), Of("n3", reachable: false)];
        Pass(logs, ends, TimeSpan.Zero);
        Pass(logs, ends, PartitionEndSource.AuthorAwayMax * 2);
        Assert.Single(logs[0].All().Events);

        // From when they are together again.
        _members = [Of("n1"), Of("n2"), Of("n3")];
        Pass(logs, ends, TimeSpan.Zero);
        Assert.Single(logs[0].All().Events);
        Pass(logs, ends, PartitionEndSource.Settled);
        Assert.Equal(2, logs[0].All().Events.Length);
    }

    [Fact]
    public void A_word_of_a_node_that_does_not_come_back_is_ended_later()
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        logs[2].Note(new EventNote(EventKind.NodeRemoved, "n2 has left the cluster"));
        _members = [Of("n1"), Of("n2")];
        Pass(logs, ends, TimeSpan.Zero);
        Pass(logs, ends, PartitionEndSource.AuthorAwayMax - TimeSpan.FromMilliseconds(1));
        Assert.Single(logs[0].All().Events);
        Pass(logs, ends, TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, logs[0].All().Events.Length);
    }

    [Fact]
    public void What_is_true_of_a_node_that_is_gone_stays()
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        logs[0].Note(new EventNote(EventKind.NodeRemoved, "n3 has left the cluster"));
        _members = [Of("n1"), Of("n2"), Of("n3", "joining")];
        Pass(logs, ends, TimeSpan.Zero);
        Pass(logs, ends, PartitionEndSource.AuthorAwayMax * 2);
        Assert.Single(logs[0].All().Events);
    }

    [Fact]
    public void Words_go_by_their_order_and_not_by_when_they_come()
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        logs[2].Note(new EventNote(EventKind.NodeRemoved, "n2 has left the cluster"));
        _now += TimeSpan.FromSeconds(1);
        logs[0].Note(new EventNote(EventKind.NodeJoined, "n2 has joined the cluster"));
        Pass(logs, ends, TimeSpan.Zero);
        Pass(logs, ends, PartitionEndSource.AuthorAwayMax * 2);
        Assert.Equal(2, logs[0].All().Events.Length);
    }

    [Fact]
    public void An_end_is_behind_what_it_ends_also_where_that_nodes_clock_is_ahead()
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        _now += TimeSpan.FromHours(1);
        NodeEvent word = logs[2].Note(new EventNote(EventKind.NodeRemoved, "n2 has left the cluster"));
        _now -= TimeSpan.FromHours(1);
        Pass(logs, ends, TimeSpan.Zero);
        Pass(logs, ends, PartitionEndSource.Settled);
        Pass(logs, ends, PartitionEndSource.AuthorAwayMax);
        Assert.Equal(2, logs[0].All().Events.Length);
        Assert.True(logs[0].All().Events[1].Id.CompareTo(word.Id) > 0);
    }

    [Fact]
    public void That_a_node_joins_is_left_to_who_sees_it_come()
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        _members = [Of("n1"), Of("n2")];
        logs[0].Note(new EventNote(EventKind.NodeRemoved, "n3 has left the cluster"));
        Pass(logs, ends, PartitionEndSource.AuthorAwayMax);
        _members = [Of("n1"), Of("n2"), Of("n3")];
        Pass(logs, ends, TimeSpan.Zero);
        logs[0].Note(new EventNote(EventKind.NodeJoined, "n3 has joined the cluster"));
        Pass(logs, ends, PartitionEndSource.AuthorAwayMax * 2);
        Assert.Equal([EventKind.NodeRemoved, EventKind.NodeJoined], logs[0].All().Events.Select(e => e.Kind));
    }

    [Theory]
    [InlineData(EventKind.BackendDown, true, EventKind.BackendUp)]
    [InlineData(EventKind.BackendUp, false, EventKind.BackendDown)]
    [InlineData(EventKind.BackendDegraded, false, EventKind.BackendDown)]
    [InlineData(EventKind.BackendUp, true, null)]
    [InlineData(EventKind.BackendDegraded, true, EventKind.BackendUp)]
    [InlineData(EventKind.BackendDown, false, null)]
    public void What_a_cut_off_node_said_of_a_backend_is_ended_by_what_the_majority_says(object said, bool isWell, object? end)
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        _board = Votes(isWell);
        NodeEvent word = logs[2].Note(new EventNote((EventKind)said, "web/a is otherwise") { Pool = "web", Backend = "a" });
        Pass(logs, ends, TimeSpan.Zero);
        Pass(logs, ends, PartitionEndSource.Settled);
        Pass(logs, ends, PartitionEndSource.Settled);
        Assert.Equal(end is null ? [] : [((EventKind)end, "n1", word.Id)], logs[1].All().Events.Skip(1).Select(e => (e.Kind, e.Id.Node, e.Cause!.Value)));
    }

    [Fact]
    public void That_observers_disagree_stays_while_they_do()
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        _board = Votes(true, dissenter: "n2");
        logs[2].Note(new EventNote(EventKind.BackendDegraded, "web/a is up, and not for all observers") { Pool = "web", Backend = "a" });
        Pass(logs, ends, TimeSpan.Zero);
        Pass(logs, ends, PartitionEndSource.AuthorAwayMax * 2);
        Assert.Single(logs[0].All().Events);
        _board = Votes(true);
        Pass(logs, ends, TimeSpan.Zero);
        Pass(logs, ends, PartitionEndSource.Settled);
        Assert.Equal(EventKind.BackendUp, Assert.Single(logs[1].All().Events.Skip(1)).Kind);
    }

    [Fact]
    public void A_node_that_was_out_of_reach_and_is_no_member_any_more_is_said_to_be_none()
    {
        (EventLog[] logs, PartitionEndSource[] ends) = Nodes();
        NodeEvent word = logs[1].Note(new EventNote(EventKind.NodeUnreachable, "n3 does not answer"));
        _members = [Of("n1"), Of("n2")];
        Pass(logs[..2], ends[..2], TimeSpan.Zero);
        Pass(logs[..2], ends[..2], PartitionEndSource.Settled);
        Pass(logs[..2], ends[..2], PartitionEndSource.AuthorAwayMax * 2);
        NodeEvent end = Assert.Single(logs[1].All().Events.Skip(1));
        Assert.Equal((EventKind.NodeRemoved, word.Id, "n3 is no member of the cluster any more"), (end.Kind, end.Cause!.Value, end.Text));
    }

    /// <summary>What all three say of web/a.</summary>
    /// <param name="dissenter">Who says the contrary.</param>
    private HealthBoardState Votes(bool isWell, string dissenter = "")
    {
        var at = new Moment(_now, TimeSpan.Zero);
        var plane = new DataPlane(Pools.Node("n1", "unused", Pools.Web("a")), new ManualTime());
        Verdict[] verdicts = [.. _members.Select(m => new Verdict(new BackendName("web", "a"), m.Name, isWell != (m.Name == dissenter), "so", at.Now))];
        HealthBoardState members = HealthBoardState.Start("n1", plane.Routing).WithMembers(new MembershipChanged("n1", [.. _members]), at);
        return verdicts.Skip(1).Aggregate(members.WithOwn(verdicts[0], at), (board, v) => board.WithReport(new VerdictsReported(v.Node, [v]), at));
    }

    private void Pass(EventLog[] logs, PartitionEndSource[] ends, TimeSpan time)
    {
        _now += time;
        for (int i = 0; i < logs.Length; i++)
        {
            foreach (EventLog from in logs)
            {
                logs[i].Take(from.All().Events);
            }

            ends[i].Look(logs[i]);
        }

        foreach (EventLog log in logs[1..])
        {
            log.Take(logs[0].All().Events);
        }
    }

    private (EventLog[] Logs, PartitionEndSource[] Ends) Nodes()
    {
        EventLog[] logs = [.. new[] { "n1", "n2", "n3" }.Select(name => new EventLog(name, () => _now, NullLogger.Instance, 100))];
        return (logs, [.. logs.Select(l => new PartitionEndSource(l, () => new MembershipChanged(l.Node, [.. _members]), () => _board))]);
    }

    private static NodeMember Of(string name, string status = "up", bool reachable = true) => new(name, $"akka.tcp://actorlb@{name}:1", status, reachable);
}
