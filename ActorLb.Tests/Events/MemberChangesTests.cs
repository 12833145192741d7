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
    public void That_this_node_is_gone_is_for_others_to_say() =>
        Assert.Equal([(EventKind.NodeRemoved, "n2 has left the cluster")], Between([Of("n1"), Of("n2")], []));

    private static (EventKind Kind, string Text)[] Between(NodeMember[] before, NodeMember[] after) =>
        [.. MemberChanges.Between(new MembershipChanged("n1", [.. before]), new MembershipChanged("n1", [.. after])).Select(n => (n.Kind, n.Text))];

    private static NodeMember Of(string name, string status = "up", bool reachable = true) => new(name, $"akka.tcp://actorlb@{name}:1", status, reachable);
}
