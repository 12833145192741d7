using System.Collections.Immutable;
using ActorLb.Node.Affinity.Replication;
using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Affinity;

public sealed class FillStateTests
{
    private static readonly BucketId First = new("web", 1);
    private static readonly BucketId Second = new("web", 2);

    [Fact]
    public void Without_peers_there_is_nothing_to_wait_for() => Assert.True(FillState.From([]).IsDone);

    [Fact]
    public void It_is_done_when_everybody_answered_and_everything_was_read()
    {
        FillState state = FillState.From(["a", "b"]).Answered("a", [First, Second]);
        (state, ImmutableArray<BucketRead> reads) = state.Take(16);
        Assert.Equal<IEnumerable<BucketRead>>([new BucketRead(First, 0), new BucketRead(Second, 0)], reads);
        state = state.Read(First).Read(Second);
        Assert.False(state.IsDone);
        Assert.True(state.Answered("b", [First]).Take(16).Next.IsDone);
    }

    [Fact]
    public void Nobody_waits_for_a_peer_that_left() =>
        Assert.True(FillState.From(["a", "b"]).Answered("a", []).Left("b").IsDone);

    [Theory]
    [InlineData(15, 15)]
    [InlineData(16, 16)]
    [InlineData(17, 16)]
    public void No_more_than_the_limit_are_read_at_once(int held, int taken)
    {
        FillState state = FillState.From(["a"]).Answered("a", Enumerable.Range(0, held).Select(i => new BucketId("web", i)));
        (state, ImmutableArray<BucketRead> reads) = state.Take(16);
        Assert.Equal(taken, reads.Length);
        Assert.Empty(state.Take(16).Reads);
        Assert.Equal(held - taken, state.Read(new BucketId("web", 0)).Take(16).Reads.Length);
    }

    [Fact]
    public void A_bucket_that_a_filling_peer_hid_is_tried_again_later_and_given_up_in_the_end()
    {
        FillState state = FillState.From(["a"]).Answered("a", [First]);
        for (int attempt = 0; attempt < 3; attempt++)
        {
            Assert.False(state.IsDone);
            (state, ImmutableArray<BucketRead> reads) = state.Take(16);
            Assert.Equal<IEnumerable<BucketRead>>([new BucketRead(First, attempt)], reads);
            state = state.Missed(First, 3);
            Assert.Empty(state.Take(16).Reads);
            state = state.Retry();
        }

        Assert.True(state.IsDone);
        Assert.Equal(1, state.GivenUp);
    }

    [Fact]
    public void A_late_answer_for_a_bucket_that_nobody_reads_changes_nothing()
    {
        FillState state = FillState.From(["a"]);
        Assert.Same(state, state.Missed(First, 3));
    }
}
