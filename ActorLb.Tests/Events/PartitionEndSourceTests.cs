using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Shared.Messages;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

/// <summary>n3 was cut off, and comes back with what it said meanwhile.</summary>
public sealed class PartitionEndSourceTests
{
    private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private NodeMember[] _members = [Of("n1"), Of("n2"), Of("n3")];

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
        return (logs, [.. logs.Select(l => new PartitionEndSource(l, () => new MembershipChanged(l.Node, [.. _members])))]);
    }

    private static NodeMember Of(string name, string status = "up", bool reachable = true) => new(name, $"akka.tcp://actorlb@{name}:1", status, reachable);
}
