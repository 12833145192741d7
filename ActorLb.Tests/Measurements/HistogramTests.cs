using ActorLb.Engine.Failures;
using ActorLb.Engine.Measurements;
using Xunit;

namespace ActorLb.Tests.Measurements;

public sealed class HistogramTests
{
    private static readonly MeasuringSlot Own = new(0, IsShared: false);

    [Fact]
    public void Each_bucket_has_its_upper_bound_and_the_next_one_what_is_longer()
    {
        for (int i = 0; i < LatencyBuckets.Count - 1; i++)
        {
            long upper = LatencyBuckets.UpperTicks(i);
            Assert.Equal((i, i, i + 1), (LatencyBuckets.IndexOf(upper - 1), LatencyBuckets.IndexOf(upper), LatencyBuckets.IndexOf(upper + 1)));
            Assert.Equal(upper, LatencyBuckets.LowerTicks(i + 1));
        }

        Assert.Equal(0, LatencyBuckets.IndexOf(0));
        Assert.Equal(0, LatencyBuckets.IndexOf(-5));
        Assert.Equal(LatencyBuckets.Count - 1, LatencyBuckets.IndexOf(long.MaxValue));
    }

    [Fact]
    public void No_bucket_is_wider_than_a_quarter_of_where_it_begins()
    {
        for (int i = LatencyBuckets.PerDoubling; i < LatencyBuckets.Count - 1; i++)
        {
            long lower = LatencyBuckets.LowerTicks(i);
            Assert.InRange(LatencyBuckets.UpperTicks(i) - lower, 1, lower / 4);
        }
    }

    [Fact]
    public void What_is_shown_is_100_microseconds_and_its_doublings()
    {
        TimeSpan expected = TimeSpan.FromMicroseconds(100);
        foreach ((TimeSpan atMost, long _) in Histogram.Empty.Doublings)
        {
            Assert.Equal(expected, atMost);
            expected *= 2;
        }

        Assert.Equal(TimeSpan.FromMicroseconds(100) * (1 << (LatencyBuckets.Doublings + 1)), expected);
    }

    [Fact]
    public void A_quantile_is_exact_to_a_quarter()
    {
        Histogram histogram = Of(Enumerable.Range(1, 1000).Select(i => TimeSpan.FromMilliseconds(i)));
        foreach (double share in (double[])[0.01, 0.1, 0.5, 0.9, 0.99, 1])
        {
            double exact = 1000 * share;
            Assert.InRange(histogram.Quantile(share).TotalMilliseconds, exact * 0.75, exact * 1.25);
        }

        Assert.Equal((1000, TimeSpan.FromMilliseconds(500_500)), (histogram.Count, histogram.Sum));
        Assert.Equal(TimeSpan.FromMilliseconds(500.5), histogram.Mean);
    }

    [Fact]
    public void Where_nothing_was_counted_every_quantile_is_zero()
    {
        Assert.Equal(TimeSpan.Zero, Histogram.Empty.Quantile(0.99));
        Assert.Equal(TimeSpan.Zero, Histogram.Empty.Mean);
    }

    [Fact]
    public void What_took_longer_than_all_buckets_counts_and_is_told_as_the_longest()
    {
        Histogram histogram = Of([TimeSpan.FromHours(1)]);
        Assert.Equal((1, TimeSpan.FromHours(1)), (histogram.Count, histogram.Sum));
        Assert.Equal(0, histogram.Doublings.Last().Count);
        Assert.Equal(histogram.Doublings.Last().AtMost, histogram.Quantile(0.5));
    }

    [Fact]
    public void The_difference_of_two_readings_is_what_came_between()
    {
        Histogram before = Of([TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(8)]);
        Histogram between = Of([TimeSpan.FromMilliseconds(64), TimeSpan.FromMilliseconds(64)]);
        Histogram difference = before.Add(between).Subtract(before);
        Assert.Equal((between.Count, between.Sum), (difference.Count, difference.Sum));
        Assert.Equal(between.Doublings, difference.Doublings);
        Assert.Same(before, before.Subtract(before.Add(between)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Slots_that_count_at_once_lose_nothing(bool isShared)
    {
        const int Each = 20_000;
        var requests = new RequestMeasurements();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(() =>
        {
            var slot = new MeasuringSlot(isShared ? 7 : number, isShared);
            for (int i = 0; i < Each; i++)
            {
                requests.Record(slot, Request(200 + (i % 4 * 100), i % 2 == 0 ? FailureReason.None : FailureReason.OutOfMemory));
                requests.Connected(slot, 1);
                requests.Queued(slot, 1);
            }
        })));

        RequestFigures read = requests.Read();
        Assert.Equal(4 * Each, read.Count);
        Assert.All(Enumerable.Range(2, 4), c => Assert.Equal(Each, read.CountOf(c)));
        Assert.Equal(2 * Each, read.CountOf(FailureReason.OutOfMemory));
        Assert.Equal(2 * Each, read.FailuresByReason[(int)FailureReason.OutOfMemory]);
        Assert.Equal((4 * Each, 4 * Each, 4 * Each), (read.Connect.Count, read.Queue.Count, read.FirstByte.Count));
        Assert.Equal((4L * Each * 3, 4L * Each * 5, 4L * Each), (read.BytesReceived, read.BytesSent, read.Retries));
    }

    [Fact]
    public void Counting_allocates_nothing_once_it_has_counted_everything()
    {
        var requests = new RequestMeasurements();
        Count(requests);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Count(requests);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Every_reason_has_its_count()
    {
        var requests = new RequestMeasurements();
        FailureReason[] reasons = [.. Enum.GetValues<FailureReason>().Where(r => r != FailureReason.None)];
        Array.ForEach(reasons, r => requests.Record(Own, Request(FailureAnswer.Of(r).Status, r)));
        RequestFigures read = requests.Read();
        Assert.All(reasons, r => Assert.Equal(
            (1, FailureAnswer.Of(r).Status >= 500 || FailureAnswer.Of(r).BreaksOff ? 1 : 0), (read.CountOf(r), read.FailuresByReason[(int)r])));
        Assert.Equal(0, read.FailuresByReason[0]);
    }

    [Fact]
    public void What_a_backend_answered_is_its_answer_whoever_ended_it()
    {
        var requests = new RequestMeasurements();
        requests.Record(Own, Request(500, FailureReason.None));
        requests.Record(Own, Request(500, FailureReason.ClientGone));
        requests.Record(Own, Request(500, FailureReason.BackendReset));
        requests.Record(Own, Request(404, FailureReason.ClientGone));
        RequestFigures read = requests.Read();
        Assert.Equal((2, 2, 0, 1), (read.FailuresByReason[0], read.CountOf(FailureReason.ClientGone), read.FailuresByReason[(int)FailureReason.ClientGone], read.FailuresByReason[(int)FailureReason.BackendReset]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(600)]
    [InlineData(-1)]
    public void A_status_of_no_class_is_counted_with_none(int status)
    {
        var requests = new RequestMeasurements();
        requests.Record(Own, Request(status, FailureReason.None));
        Assert.Equal((1, 1), (requests.Read().Count, requests.Read().CountOf(0)));
    }

    private static void Count(RequestMeasurements requests)
    {
        requests.Record(Own, Request(200, FailureReason.None));
        requests.Record(Own, Request(502, FailureReason.BackendReset));
        requests.Connected(Own, 1);
        requests.Queued(Own, 1);
    }

    private static FinishedRequest Request(int status, FailureReason failure) => new()
    {
        Status = status,
        Failure = failure,
        Ticks = 10,
        FirstByteTicks = 5,
        BytesReceived = 3,
        BytesSent = 5,
        Retries = 1,
    };

    private static Histogram Of(IEnumerable<TimeSpan> times)
    {
        var requests = new RequestMeasurements();
        foreach (TimeSpan time in times)
        {
            requests.Connected(Own, time.Ticks);
        }

        return requests.Read().Connect;
    }
}
