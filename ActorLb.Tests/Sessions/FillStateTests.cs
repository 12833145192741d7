using System.Collections.Immutable;
using ActorLb.Node.Sessions.Replication;
using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Sessions;

public sealed class FillStateTests
{
    private static readonly HeldBucket First = new(new BucketId("web", 0), 11);
    private static readonly HeldBucket Second = new(new BucketId("web", 2), 22);
    private static readonly HeldBucket SecondElsewhere = Second with { Fingerprint = 23 };

    [Fact]
    public void Without_peers_there_is_nothing_to_wait_for() => Assert.True(FillState.From([]).IsDone);

    [Fact]
    public void It_is_done_when_everybody_answered_and_everything_was_given()
    {
        FillState state = FillState.From(["a", "b"]).Answered("a", Held([First, Second]), HasNothing);
        (state, ImmutableArray<BucketFetch> fetches) = state.Take(16);
        Assert.Equal<IEnumerable<BucketFetch>>([new BucketFetch("a", First), new BucketFetch("a", Second)], fetches);
        state = state.Given(First).Given(Second);
        Assert.False(state.IsDone);
        Assert.True(state.Answered("b", Held([First]), HasNothing).Take(16).Next.IsDone);
    }

    [Fact]
    public void What_this_member_has_just_so_is_not_fetched()
    {
        FillState state = FillState.From(["a"]).Answered("a", Held([First, Second]), bucket => bucket == First.Bucket ? 11u : 99u);
        Assert.Equal(Second, Assert.Single(state.Take(16).Fetches).Held);
    }

    [Fact]
    public void Each_version_of_a_bucket_is_fetched_once()
    {
        FillState state = FillState.From(["a", "b", "c"])
            .Answered("a", Held([Second]), HasNothing)
            .Answered("b", Held([Second]), HasNothing)
            .Answered("c", Held([SecondElsewhere]), HasNothing);
        Assert.Equal<IEnumerable<BucketFetch>>(
            [new BucketFetch("a", Second), new BucketFetch("c", SecondElsewhere)], state.Take(16).Fetches);
    }

    [Fact]
    public void A_peer_that_does_not_say_its_fingerprints_is_asked_for_everything()
    {
        HeldBucket unsaid = First with { Fingerprint = 0 };
        FillState state = FillState.From(["a"]).Answered("a", Held([unsaid]), HasNothing);
        Assert.Equal(unsaid, Assert.Single(state.Take(16).Fetches).Held);
    }

    [Fact]
    public void Nobody_waits_for_a_peer_that_left() =>
        Assert.True(FillState.From(["a", "b"]).Answered("a", Held([]), HasNothing).Left("b").IsDone);

    [Fact]
    public void What_a_peer_that_left_was_to_give_is_fetched_from_another()
    {
        FillState state = FillState.From(["a", "b"]).Answered("a", Held([First]), HasNothing).Answered("b", Held([First]), HasNothing);
        state = state.Take(16).Next.Left("a");
        (state, ImmutableArray<BucketFetch> fetches) = state.Take(16);
        Assert.Equal(new BucketFetch("b", First), Assert.Single(fetches));
        Assert.False(state.IsDone);
        Assert.Equal(0, state.GivenUp);
    }

    [Fact]
    public void What_only_a_peer_that_left_had_is_given_up()
    {
        FillState state = FillState.From(["a"]).Answered("a", Held([First, Second]), HasNothing).Take(1).Next.Left("a").Take(16).Next;
        Assert.True(state.IsDone);
        Assert.Equal(2, state.GivenUp);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_more_are_under_way_than_allowed(int inFlight)
    {
        FillState state = FillState.From(["a"]).Answered("a", Held([First, Second]), HasNothing);
        (state, ImmutableArray<BucketFetch> fetches) = state.Take(inFlight);
        Assert.Equal(Math.Min(2, inFlight), fetches.Length);
        Assert.Empty(state.Take(inFlight).Fetches);
        Assert.Equal(inFlight < 2, state.Given(First).Take(inFlight).Fetches.Contains(new BucketFetch("a", Second)));
    }

    [Fact]
    public void What_was_not_given_in_time_is_asked_of_another_and_given_up_in_the_end()
    {
        FillState state = FillState.From(["a", "b"]).Answered("a", Held([First]), HasNothing).Answered("b", Held([First]), HasNothing);
        state = state.Take(16).Next.Waited(2, 2);
        Assert.Empty(state.Take(16).Fetches);
        (state, ImmutableArray<BucketFetch> again) = state.Waited(2, 2).Take(16);
        Assert.Equal(new BucketFetch("b", First), Assert.Single(again));
        state = state.Waited(2, 2).Waited(2, 2).Take(16).Next;
        Assert.True(state.IsDone);
        Assert.Equal(1, state.GivenUp);
    }

    [Fact]
    public void A_late_answer_of_a_peer_that_nobody_waits_for_changes_nothing() =>
        Assert.True(FillState.From(["a"]).Left("a").Answered("a", Held([First]), HasNothing).IsDone);

    [Fact]
    public void Of_all_members_that_are_filled_one_version_is_enough()
    {
        FillState state = FillState.From(["a", "b", "c"])
            .Answered("a", Held([Second], filled: true), HasNothing)
            .Answered("b", Held([SecondElsewhere, First], filled: true), HasNothing)
            .Answered("c", Held([First with { Fingerprint = 12 }]), HasNothing);
        (state, ImmutableArray<BucketFetch> fetches) = state.Take(16);
        Assert.Equal([Second, First, First with { Fingerprint = 12 }], fetches.Select(f => f.Held));

        // And any of them can stand in for another.
        (_, ImmutableArray<BucketFetch> again) = state.Left("a").Take(16);
        Assert.Equal(new BucketFetch("b", Second), Assert.Single(again));
    }

    [Fact]
    public void What_is_as_one_filled_member_has_it_is_not_fetched_from_another() =>
        Assert.True(FillState.From(["a", "b"])
            .Answered("a", Held([First], filled: true), _ => First.Fingerprint)
            .Answered("b", Held([First with { Fingerprint = 12 }], filled: true), _ => First.Fingerprint)
            .IsDone);

    private static BucketsHeld Held(HeldBucket[] buckets, bool filled = false) => new([.. buckets], filled);

    private static ulong HasNothing(BucketId bucket) => 0;
}
