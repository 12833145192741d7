using ActorLb.Node.Cluster;
using Xunit;

namespace ActorLb.Tests.Cluster;

public sealed class DowningStateTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(3);
    private static readonly MemberKey A = new("akka.tcp://actorlb@a:1", 1);
    private static readonly MemberKey B = new("akka.tcp://actorlb@b:1", 2);

    [Fact]
    public void A_member_is_downed_when_it_was_unreachable_for_stable_after_and_not_before()
    {
        DowningState state = DowningState.Empty.Unreachable(A, Start);

        Assert.Empty(state.Overdue(Start + StableAfter - TimeSpan.FromTicks(1), StableAfter, _ => false));
        Assert.Equal([A], state.Overdue(Start + StableAfter, StableAfter, _ => false).ToArray());
        Assert.Equal([A], state.Overdue(Start + StableAfter + TimeSpan.FromTicks(1), StableAfter, _ => false).ToArray());
    }

    [Fact]
    public void A_member_that_comes_back_begins_anew_when_it_goes_again()
    {
        DowningState state = DowningState.Empty
            .Unreachable(A, Start)
            .Forget(A)
            .Unreachable(A, Start + TimeSpan.FromSeconds(2));

        Assert.Empty(state.Overdue(Start + StableAfter, StableAfter, _ => false));
        Assert.Equal([A], state.Overdue(Start + TimeSpan.FromSeconds(5), StableAfter, _ => false).ToArray());
    }

    [Fact]
    public void Being_told_twice_does_not_give_a_member_more_time()
    {
        DowningState state = DowningState.Empty.Unreachable(A, Start).Unreachable(A, Start + TimeSpan.FromSeconds(2));

        Assert.Equal([A], state.Overdue(Start + StableAfter, StableAfter, _ => false).ToArray());
    }

    [Fact]
    public void All_others_are_downed_by_the_last_one_of_a_side()
    {
        DowningState state = DowningState.Empty.Unreachable(B, Start).Unreachable(A, Start);

        Assert.Equal([A, B], state.Overdue(Start + StableAfter, StableAfter, _ => false).ToArray());
    }

    [Fact]
    public void A_member_that_is_heard_here_is_not_downed_on_somebody_elses_word()
    {
        DowningState state = DowningState.Empty.Unreachable(A, Start).Unreachable(B, Start);

        Assert.Equal([B], state.Overdue(Start + StableAfter, StableAfter, m => m == A).ToArray());
    }

    [Fact]
    public void A_new_life_at_the_same_address_is_another_member()
    {
        MemberKey reborn = A with { Uid = 9 };
        DowningState state = DowningState.Empty.Unreachable(A, Start).Unreachable(reborn, Start + TimeSpan.FromSeconds(2)).Forget(A);

        Assert.Empty(state.Overdue(Start + StableAfter, StableAfter, _ => false));
        Assert.True(state.IsWaiting);
        Assert.False(state.Forget(reborn).IsWaiting);
    }

    [Fact]
    public void An_older_member_that_somebody_else_hears_is_given_time_to_decide_first()
    {
        DowningState state = DowningState.Empty.Unreachable(A, Start).Unreachable(B, Start).DeferTo(A);

        Assert.Equal([B], state.Overdue(Start + StableAfter, StableAfter, _ => false).ToArray());
        Assert.Equal([B], state.Overdue(Start + (3 * StableAfter) - TimeSpan.FromTicks(1), StableAfter, _ => false).ToArray());
        Assert.Equal([A, B], state.Overdue(Start + (3 * StableAfter), StableAfter, _ => false).ToArray());
    }

    [Fact]
    public void Waiting_for_a_member_ends_when_it_is_reachable_again_or_was_never_missed()
    {
        Assert.Empty(DowningState.Empty.DeferTo(A).Overdue(Start + StableAfter, StableAfter, _ => false));
        DowningState state = DowningState.Empty.Unreachable(A, Start).DeferTo(A).Forget(A).Unreachable(A, Start);
        Assert.Equal([A], state.Overdue(Start + StableAfter, StableAfter, _ => false).ToArray());
    }
}
