using ActorLb.Engine.Traces;
using Xunit;

namespace ActorLb.Tests.Traces;

public sealed class SamplingTests
{
    private const long Second = 10_000_000;

    [Theory]
    [InlineData(1, 10_000, 10_000)]
    [InlineData(0, 0, 0)]
    [InlineData(0.5, 4600, 5400)]
    [InlineData(0.01, 30, 200)]
    public void Of_random_ids_a_ratio_takes_its_part(double ratio, int min, int max)
    {
        var sampled = new TraceRatio(ratio);
        Assert.InRange(Enumerable.Range(0, 10_000).Count(_ => sampled.Takes(TraceIds.Next())), min, max);
    }

    [Fact]
    public void A_ratio_goes_by_the_last_seven_bytes_of_the_id()
    {
        var half = new TraceRatio(0.5);
        Assert.Equal((false, true, true, false), (half.Takes(0x007f_ffff_ffff_ffff), half.Takes(0x0080_0000_0000_0000), half.Takes(0xff80_0000_0000_0000), half.Takes(0xff00_0000_0000_0000)));
    }

    [Fact]
    public void Ids_are_different_and_never_zero()
    {
        ulong[] ids = [.. Enumerable.Range(0, 10_000).Select(_ => TraceIds.Next())];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.DoesNotContain(0UL, ids);
    }

    [Fact]
    public void So_many_are_recorded_in_a_second_and_not_one_more()
    {
        var bound = new TraceBound(10, Second);
        Assert.Equal(10, Taken(bound, isStranger: false, now: 0));
        Assert.Equal(0, Taken(bound, isStranger: false, now: 0));
        Assert.Equal(5, Taken(bound, isStranger: false, now: Second / 2));
        Assert.Equal(10, Taken(bound, isStranger: false, now: 100 * Second));
    }

    [Fact]
    public void Strangers_have_half_and_leave_the_rest_to_others()
    {
        var bound = new TraceBound(10, Second);
        Assert.Equal(5, Taken(bound, isStranger: true, now: 0));
        Assert.Equal(5, Taken(bound, isStranger: false, now: 0));
        Assert.Equal(5, Taken(bound, isStranger: true, now: Second));
    }

    [Fact]
    public void A_bound_of_one_lets_one_stranger_through()
    {
        var bound = new TraceBound(1, Second);
        Assert.Equal(1, Taken(bound, isStranger: true, now: 0));
        Assert.Equal(0, Taken(bound, isStranger: true, now: Second));
        Assert.Equal(1, Taken(bound, isStranger: true, now: 2 * Second));
    }

    private static int Taken(TraceBound bound, bool isStranger, long now) => Enumerable.Range(0, 100).Count(_ => bound.TryTake(isStranger, now));
}
