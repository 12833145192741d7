using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Shared.Messages;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class MemberChangesTests
{
    [Fact]
    public void A_node_joins_once_it_is_let_in()
    {
        Assert.Empty(Between([Of("n1")], [Of("n1"), Of("n2", "joining")]));
        Assert.Equal([(EventKind.NodeJoined, "n2 has joined the cluster")], Between([Of("n1"), Of("n2", "joining")], [Of("n1"), Of("n2")]));
    }

    [Fact]
    public void A_node_is_lost_and_found()
    {
        Assert.Equal([(EventKind.NodeUnreachable, "n2 does not answer")], Between([Of("n1"), Of("n2")], [Of("n1"), Of("n2", reachable: false)]));
        Assert.Equal([(EventKind.NodeReachable, "n2 answers again")], Between([Of("n1"), Of("n2", reachable: false)], [Of("n1"), Of("n2")]));
    }

    [Fact]
    public void One_that_was_lost_is_taken_out()
    {
        (EventKind Kind, string Text)[] steps =
        [
            .. Between([Of("n1"), Of("n2", reachable: false)], [Of("n1"), Of("n2", "down", reachable: false)]),
            .. Between([Of("n1"), Of("n2", "down", reachable: false)], [Of("n1")]),
        ];
        Assert.Equal([(EventKind.NodeRemoved, "n2 was taken out of the cluster, because it did not answer")], steps);
    }

    [Fact]
    public void One_that_leaves_by_itself_is_not_lost()
    {
        (EventKind Kind, string Text)[] steps =
        [
            .. Between([Of("n1"), Of("n2")], [Of("n1"), Of("n2", "leaving")]),
            .. Between([Of("n1"), Of("n2", "leaving")], [Of("n1"), Of("n2", "exiting")]),
            .. Between([Of("n1"), Of("n2", "exiting")], [Of("n1"), Of("n2", "exiting", reachable: false)]),
            .. Between([Of("n1"), Of("n2", "exiting", reachable: false)], [Of("n1")]),
        ];
        Assert.Equal([(EventKind.NodeRemoved, "n2 has left the cluster")], steps);
    }

    [Fact]
    public void A_node_that_comes_says_that_it_has_come_and_not_that_the_others_have()
    {
        NodeMember[][] steps =
        [
            [],
            [Of("n2")],
            [Of("n2"), Of("n3")],
            [Of("n2"), Of("n3"), Of("n1", "joining")],
            [Of("n2"), Of("n3"), Of("n1")],
            [Of("n2"), Of("n3"), Of("n1"), Of("n4")],
        ];
        Assert.Equal(["n1 has joined the cluster", "n4 has joined the cluster"], steps.Zip(steps.Skip(1)).SelectMany(s => Between(s.First, s.Second)).Select(n => n.Text));
    }

    [Fact]
    public void A_node_that_is_out_says_nothing_of_those_that_go_on_without_it()
    {
        Assert.Empty(Between([Of("n1"), Of("n2")], []));
        Assert.Empty(Between([Of("n1"), Of("n2")], [Of("n1", "down"), Of("n2", reachable: false)]));
        Assert.Empty(Between([Of("n1", "down"), Of("n2", reachable: false)], [Of("n1", "down")]));
        Assert.Empty(Between([], [Of("n2"), Of("n1", "joining")]));
    }

    [Theory]
    [InlineData(EventKind.NodeJoined, true, true, false)]
    [InlineData(EventKind.NodeReachable, true, false, false)]
    [InlineData(EventKind.NodeUnreachable, false, true, false)]
    [InlineData(EventKind.NodeRemoved, false, false, true)]
    [InlineData(EventKind.KeysRotated, true, true, true)]
    public void What_is_said_of_a_node_holds_for_as_long_as_it_is_so(object kind, bool whenThere, bool whenUnreachable, bool whenGone)
    {
        var note = new EventNote((EventKind)kind, "n2 and so on");
        Assert.Equal(whenThere, MemberChanges.Holds(note, Membership([Of("n1"), Of("n2")])));
        Assert.Equal(whenUnreachable, MemberChanges.Holds(note, Membership([Of("n1"), Of("n2", reachable: false)])));
        Assert.Equal(whenGone, MemberChanges.Holds(note, Membership([Of("n1"), Of("n2", "down")])));
        Assert.Equal((EventKind)kind == EventKind.KeysRotated, MemberChanges.Holds(note, Membership([])));
    }

    private static (EventKind Kind, string Text)[] Between(NodeMember[] before, NodeMember[] after) =>
        [.. MemberChanges.Between(Membership(before), Membership(after)).Select(n => (n.Kind, n.Text))];

    private static MembershipChanged Membership(NodeMember[] members) => new("n1", [.. members]);

    private static NodeMember Of(string name, string status = "up", bool reachable = true) => new(name, $"akka.tcp://actorlb@{name}:1", status, reachable);
}
