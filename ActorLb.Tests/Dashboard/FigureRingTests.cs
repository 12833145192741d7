using ActorLb.Node.Dashboard;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Dashboard;

public sealed class FigureRingTests
{
    private static readonly Half Nan = Half.NaN;

    [Fact]
    public void What_happens_in_one_slot_is_summed_up_and_its_last_latencies_count()
    {
        var ring = new FigureRing(6, 10);
        ring.Add(1_000, new Figure(3, 1, (Half)1, (Half)2, (Half)3));
        ring.Add(1_009, new Figure(4, 0, (Half)5, (Half)6, (Half)7));
        ring.Add(1_010, new Figure(1, 1, Nan, Nan, Nan));
        Assert.Equal(new Figure(7, 1, (Half)5, (Half)6, (Half)7), ring.At(100));
        Assert.Equal(new Figure(1, 1, Nan, Nan, Nan), ring.At(101));
    }

    [Theory]
    [InlineData(4, 10u)]
    [InlineData(5, 10u)]
    [InlineData(6, 0u)]
    public void A_slot_is_kept_until_as_many_came_after_it_as_there_are(int later, uint kept)
    {
        var ring = new FigureRing(6, 1);
        ring.Add(100, new Figure(10, 0, Nan, Nan, Nan));
        ring.Add(100 + later, new Figure(1, 0, Nan, Nan, Nan));
        Assert.Equal(kept, ring.At(100).Requests);
        Assert.Equal(1u, ring.At(100 + later).Requests);
    }

    [Fact]
    public void Seconds_that_nobody_looked_at_are_empty_and_not_those_of_an_hour_ago()
    {
        var ring = new FigureRing(4, 1);
        for (int second = 100; second < 104; second++)
        {
            ring.Add(second, new Figure(9, 9, (Half)9, (Half)9, (Half)9));
        }

        ring.Add(106, new Figure(1, 0, Nan, Nan, Nan));
        Assert.Equal((9u, 0u, 0u, 1u), (ring.At(103).Requests, ring.At(104).Requests, ring.At(105).Requests, ring.At(106).Requests));
        Assert.True(Half.IsNaN(ring.At(105).P99));
        Assert.Equal(Figure.None, ring.At(107));
        Assert.Equal(Figure.None, ring.At(102));
    }

    [Fact]
    public void A_clock_that_is_set_back_counts_in_the_last_slot()
    {
        var ring = new FigureRing(4, 1);
        ring.Add(200, new Figure(2, 0, Nan, Nan, Nan));
        ring.Add(150, new Figure(3, 0, Nan, Nan, Nan));
        Assert.Equal(5u, ring.At(200).Requests);
    }

    [Fact]
    public void A_count_that_is_full_stays_full()
    {
        var ring = new FigureRing(2, 10);
        ring.Add(10, new Figure(uint.MaxValue, 0, Nan, Nan, Nan));
        ring.Add(11, new Figure(uint.MaxValue, 0, Nan, Nan, Nan));
        Assert.Equal(uint.MaxValue, ring.At(1).Requests);
    }

    // A ring is the last slots of what a dictionary would hold.
    [Fact]
    public void Whatever_happens_the_sums_are_exact() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 10], Gen.Select(Gen.Int[0, 4], Gen.UInt[0, 50]).Array[1, 60]).Sample((length, seconds, steps) =>
        {
            var ring = new FigureRing(length, seconds);
            var all = new Dictionary<long, uint>();
            long second = 1_000_000;
            foreach ((int forward, uint requests) in steps)
            {
                second += forward;
                ring.Add(second, new Figure(requests, requests / 2, Nan, Nan, Nan));
                all[second / seconds] = all.GetValueOrDefault(second / seconds) + requests;
            }

            long last = second / seconds;
            for (long slot = last - length - 3; slot <= last + 2; slot++)
            {
                Assert.Equal(slot > last - length ? all.GetValueOrDefault(slot) : 0, ring.At(slot).Requests);
            }
        });
}
