using ActorLb.Node.Revisions;
using Xunit;

namespace ActorLb.Tests.Revisions;

public sealed class TurnStateTests
{
    private static readonly TurnRequest One = new("lb1", 1);
    private static readonly TurnRequest Two = new("lb2", 1);
    private static readonly TurnRequest Three = new("lb3", 1);

    [Fact]
    public void Turns_are_given_out_in_the_order_in_which_they_were_asked_for()
    {
        TurnState state = TurnState.Free.Asked(Two, default).Asked(One, default).Asked(Three, default).Asked(One, default);
        Assert.Equal(Two, state.Holder);
        Assert.Equal([One, Three], state.Waiting.AsEnumerable());
        Assert.Equal(One, (state = state.Ended(Two, default)).Holder);
        Assert.Equal(Three, (state = state.Ended(One, default)).Holder);
        Assert.Null(state.Ended(Three, default).Holder);
    }

    [Fact]
    public void A_node_has_one_place_and_its_next_change_takes_it()
    {
        TurnState state = TurnState.Free.Asked(One, default).Asked(Two, default);
        Assert.Equal(Two, state.Asked(One with { Number = 2 }, default).Holder);
        Assert.Equal([Two with { Number = 2 }], state.Asked(Two with { Number = 2 }, default).Waiting.AsEnumerable());

        // The end of one that was replaced says nothing about the next.
        Assert.True(state.Asked(One with { Number = 2 }, default).Ended(One, default).Has(One with { Number = 2 }));
    }

    [Fact]
    public void One_that_is_gone_or_lasts_too_long_is_not_waited_for()
    {
        TurnState state = TurnState.Free.Asked(One, default).Asked(Two, default).Asked(Three, default);
        Assert.Equal(Three, state.Among(new HashSet<string> { "lb3" }, default).Holder);
        var all = new HashSet<string> { "lb1", "lb2", "lb3" };
        Assert.Equal(One, state.Among(all, TurnState.HoldMax - TimeSpan.FromTicks(1)).Holder);
        Assert.Equal(Two, state.Among(all, TurnState.HoldMax).Holder);
    }
}
