using ActorLb.Node.Cluster;
using ActorLb.Shared.Messages;
using Xunit;

namespace ActorLb.Tests.Cluster;

public sealed class MembershipStateTests
{
    private static readonly MemberSighting First = new(new MemberKey("a:1", 1), "first", "up", 0);
    private static readonly MemberSighting Second = new(new MemberKey("b:1", 2), "second", "up", 1);

    [Fact]
    public void Members_are_told_oldest_first_whatever_the_order_they_were_seen_in()
    {
        MembershipChanged told = MembershipState.Of("second").Seen([Second, First]).Current;

        Assert.Equal("second", told.Self);
        Assert.Equal(["first", "second"], told.Members.Select(m => m.Name));
        Assert.Equal(["first", "second"], told.Active.ToArray());
    }

    [Fact]
    public void An_unreachable_member_stays_listed_and_is_not_active()
    {
        MembershipState state = MembershipState.Of("first").Seen([First, Second]).Unreachable(Second.Key);

        Assert.Equal(2, state.Current.Members.Length);
        Assert.Equal(["first"], state.Current.Active.ToArray());
        Assert.Equal(["first", "second"], state.Reachable(Second.Key).Current.Active.ToArray());
    }

    [Fact]
    public void Reachability_survives_a_change_of_status_and_ends_with_the_member()
    {
        MembershipState state = MembershipState.Of("first")
            .Seen([First, Second])
            .Unreachable(Second.Key)
            .Seen([First, Second with { Status = "down" }]);
        Assert.False(state.Current.Members[1].Reachable);

        MembershipState back = state.Seen([First]).Seen([First, Second]);
        Assert.True(back.Current.Members[1].Reachable);
    }

    [Fact]
    public void Joining_members_are_listed_and_not_active()
    {
        MembershipState state = MembershipState.Of("first").Seen([First, Second with { Status = "joining" }]);

        Assert.Equal(["first"], state.Current.Active.ToArray());
        Assert.Equal("joining", state.Current.Members[1].Status);
    }

    [Fact]
    public void The_same_members_in_the_same_order_are_no_news()
    {
        MembershipState state = MembershipState.Of("first").Seen([First, Second]);

        Assert.True(MembershipState.Same(state.Current, state.Seen([Second, First]).Current));
        Assert.False(MembershipState.Same(state.Current, state.Unreachable(First.Key).Current));
        Assert.False(MembershipState.Same(state.Current, state.Seen([First]).Current));
    }
}
