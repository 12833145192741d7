using ActorLb.Node.Sessions.Learned;
using Xunit;

namespace ActorLb.Tests.Learned;

public sealed class ShareStateTests
{
    [Fact]
    public void A_round_is_over_when_all_have_confirmed_it()
    {
        ShareState round = ShareState.Idle.Begun(["a", "b"]);
        Assert.False(round.Confirmed("a", 1).IsOver);
        Assert.True(round.Confirmed("a", 1).Confirmed("b", 1).IsOver);
        Assert.False(round.Confirmed("a", 1).Confirmed("b", 0).IsOver);
    }

    [Fact]
    public void Nobody_to_tell_is_no_wait() => Assert.True(ShareState.Idle.Begun([]).IsOver);

    [Fact]
    public void Who_was_silent_for_a_round_is_not_waited_for_until_he_confirms_one()
    {
        ShareState silent = ShareState.Idle.Begun(["a", "b"]).Confirmed("a", 1).TimedOut();
        Assert.True(silent.IsOver);
        ShareState next = silent.Begun(["a", "b"]);
        Assert.False(next.IsOver);
        Assert.True(next.Confirmed("a", 2).IsOver);
        Assert.False(next.Confirmed("b", 1).Confirmed("a", 2).Begun(["a", "b"]).Confirmed("a", 3).IsOver);
    }

    [Fact]
    public void Who_has_left_is_not_waited_for_and_was_never_silent()
    {
        ShareState round = ShareState.Idle.Begun(["a", "b"]);
        Assert.True(round.Confirmed("a", 1).Left("b").IsOver);
        Assert.False(round.TimedOut().Left("b").Begun(["a", "b"]).Confirmed("a", 2).Begun(["b"]).IsOver);
    }
}
