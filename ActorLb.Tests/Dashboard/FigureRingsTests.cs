using ActorLb.Engine.Failures;
using ActorLb.Engine.Measurements;
using ActorLb.Node.Dashboard;
using ActorLb.Shared.Backends;
using Xunit;

namespace ActorLb.Tests.Dashboard;

public sealed class FigureRingsTests
{
    private const long Now = 1_800_000_000;

    private static FigureSubject Backend(int i) => new(SubjectKind.Backend, "web", $"b{i}");

    [Fact]
    public void A_second_is_what_was_counted_since_the_one_before()
    {
        var rings = new FigureRings();
        rings.Sample(Now, [(FigureSubject.Node, new FigureTotals(1_000, 10))]);
        rings.Sample(Now + 1, [(FigureSubject.Node, new FigureTotals(1_007, 12))]);
        rings.Sample(Now + 2, [(FigureSubject.Node, new FigureTotals(1_010, 12))]);
        FigureReading reading = Assert.Single(rings.Now());
        Assert.Equal((3, 0, 10, 2), (reading.Requests, reading.Failures, reading.RecentRequests, reading.RecentFailures));
        Assert.Equal([7u, 3u], rings.Slots(FigureSubject.Node, 1, Now + 2, 2).Select(f => f.Requests));
        Assert.Equal([0u, 10u], rings.Slots(FigureSubject.Node, 10, Now + 2, 2).Select(f => f.Requests));
    }

    [Fact]
    public void It_counts_since_its_first_look_and_keeps_a_backend_for_an_hour()
    {
        var rings = new FigureRings();
        Assert.Equal(Now, rings.Since(FigureSubject.Node, 10, Now));
        rings.Sample(Now, []);
        rings.Sample(Now + 5, []);
        Assert.Equal(Now, rings.Since(FigureSubject.Node, 1, Now + 599));
        Assert.Equal(Now + 1, rings.Since(FigureSubject.Node, 1, Now + 600));
        Assert.Equal(Now, rings.Since(FigureSubject.Node, 10, Now + 7200));
        Assert.Equal(Now + 3610, rings.Since(Backend(1), 10, Now + 7200));
    }

    [Fact]
    public void What_happened_ten_seconds_ago_is_recent_no_more()
    {
        var rings = new FigureRings();
        for (int i = 0; i < 11; i++)
        {
            rings.Sample(Now + i, [(FigureSubject.Node, new FigureTotals(i == 0 ? 0 : 5, 0))]);
        }

        Assert.Equal(5, Assert.Single(rings.Now()).RecentRequests);
        rings.Sample(Now + 11, [(FigureSubject.Node, new FigureTotals(5, 0))]);
        Assert.Empty(rings.Now());
    }

    [Fact]
    public void Latencies_are_those_of_ten_seconds_and_up_to_a_buckets_width()
    {
        var rings = new FigureRings();
        var stripe = new MeasurementStripe(isShared: false);
        rings.Sample(Now, [(FigureSubject.Node, new FigureTotals(0, 0, stripe.Read().FirstByte))]);
        for (int ms = 1; ms <= 100; ms++)
        {
            stripe.Record(new FinishedRequest
            {
                Status = 200, Failure = FailureReason.None, Ticks = 0, FirstByteTicks = ms * TimeSpan.TicksPerMillisecond, BytesReceived = 0, BytesSent = 0, Retries = 0,
            });
        }

        rings.Sample(Now + 1, [(FigureSubject.Node, new FigureTotals(100, 0, stripe.Read().FirstByte))]);
        FigureReading reading = Assert.Single(rings.Now());
        Assert.InRange(reading.Quantile(0.5), 40, 62.5);
        Assert.InRange(reading.Quantile(0.99), 79, 124);
        Assert.InRange((double)rings.Slots(FigureSubject.Node, 1, Now + 1, 1)[0].P95, 76, 119);
        Assert.Equal(reading.Quantile(0.5), stripe.Read().FirstByte.Quantile(0.5).TotalMilliseconds, 3);
    }

    [Fact]
    public void Why_it_failed_is_known_of_ten_seconds_and_told_alike_is_counted_together()
    {
        var rings = new FigureRings();
        for (int i = 0; i < 12; i++)
        {
            long[]? reasons = i == 0 ? null : new long[BackendTraffic.ReasonsMax];
            if (reasons is not null)
            {
                reasons[(int)FailureReason.None] = Math.Min(i, 2);
                reasons[(int)FailureReason.BackendReset] = 3;
                reasons[(int)FailureReason.BackendStale] = 1;
            }

            rings.Sample(Now + i, [(Backend(1), new FigureTotals(10 * i, i == 0 ? 0 : 4 + Math.Min(i, 2)) { Reasons = reasons })]);
            if (i == 10)
            {
                Assert.Equal<FailureCount>([new FailureCount("backend-reset", 4), new FailureCount("", 2)], Assert.Single(rings.Now()).Reasons);
            }
        }

        Assert.Equal<FailureCount>([new FailureCount("", 1)], Assert.Single(rings.Now()).Reasons);
    }

    [Fact]
    public void All_reasons_are_counted_by_a_backend() => Assert.All(Enum.GetValues<FailureReason>(), r => Assert.InRange((int)r, 0, BackendTraffic.ReasonsMax - 1));

    [Fact]
    public void A_backend_that_was_forgotten_and_came_back_counts_anew()
    {
        var rings = new FigureRings();
        rings.Sample(Now, [(Backend(1), new FigureTotals(500, 5))]);
        rings.Sample(Now + 1, [(Backend(1), new FigureTotals(3, 1))]);
        FigureReading reading = Assert.Single(rings.Now());
        Assert.Equal((3, 1), (reading.Requests, reading.Failures));
    }

    [Fact]
    public void What_is_no_more_is_forgotten_and_makes_room()
    {
        var rings = new FigureRings();
        rings.Sample(Now, Enumerable.Range(0, FigureRings.BackendsMax).Select(i => (Backend(i), new FigureTotals(0, 0))));
        rings.Sample(Now + 1, Enumerable.Range(0, FigureRings.BackendsMax).Select(i => (Backend(i), new FigureTotals(1, 0))));
        Assert.Equal(FigureRings.BackendsMax, rings.Now().Length);
        rings.Sample(Now + 2, [(Backend(-1), new FigureTotals(0, 0))]);
        rings.Sample(Now + 3, [(Backend(-1), new FigureTotals(9, 0))]);
        Assert.Equal((Backend(-1), 9), (Assert.Single(rings.Now()).Subject, rings.Now()[0].Requests));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void Memory_is_bounded_however_many_backends_there_are(int beyond)
    {
        var rings = new FigureRings();
        int backends = FigureRings.BackendsMax + beyond;
        rings.Sample(Now, Counted(0));
        Assert.Equal(0, rings.Bytes);
        rings.Sample(Now + 1, Counted(1));
        long each = (FigureSeries.FineLength + FigureRings.CoarseOfBackends) * FigureRing.BytesPerSlot;
        Assert.Equal(Math.Min(backends, FigureRings.BackendsMax) * each, rings.Bytes);
        Assert.InRange(FigureRings.BackendsMax * each, 0, 14 * 1024 * 1024);

        IEnumerable<(FigureSubject, FigureTotals)> Counted(int requests) => Enumerable.Range(0, backends).Select(i => (Backend(i), new FigureTotals(requests, 0)));
    }

    [Fact]
    public void The_others_are_bounded_as_well()
    {
        var rings = new FigureRings();
        for (int requests = 0; requests < 2; requests++)
        {
            rings.Sample(Now + requests, Enumerable.Range(0, FigureRings.OthersMax + 10).Select(i => (new FigureSubject(SubjectKind.Pool, $"p{i}"), new FigureTotals(requests, 0))));
        }

        // What happens now is told of all.
        Assert.Equal(FigureRings.OthersMax + 10, rings.Now().Length);
        Assert.InRange(rings.Bytes, 0, 33L * 1024 * 1024);
    }

    [Fact]
    public void A_thousand_routes_leave_the_node_its_past()
    {
        var rings = new FigureRings();
        for (int requests = 0; requests < 2; requests++)
        {
            rings.Sample(
                Now + requests,
                Enumerable.Range(0, 1000).Select(i => (new FigureSubject(SubjectKind.Route, $"r{i}"), new FigureTotals(requests, 0)))
                    .Append((FigureSubject.Node, new FigureTotals(requests, 0)))
                    .Append((new FigureSubject(SubjectKind.Listener, "http"), new FigureTotals(requests, 0))));
        }

        Assert.Equal(1u, Assert.Single(rings.Slots(FigureSubject.Node, 1, Now + 1, 1)).Requests);
        Assert.Equal(1u, Assert.Single(rings.Slots(new FigureSubject(SubjectKind.Listener, "http"), 1, Now + 1, 1)).Requests);
    }

    [Fact]
    public void Failures_are_never_counted_twice()
    {
        var rings = new FigureRings();
        rings.Sample(Now, [(Backend(1), new FigureTotals(500, 40))]);
        rings.Sample(Now + 1, [(Backend(1), new FigureTotals(501, 39))]);
        Assert.Equal((1, 0), (Assert.Single(rings.Now()).Requests, rings.Now()[0].Failures));
    }

    [Fact]
    public void A_day_is_kept_of_a_pool_and_an_hour_of_a_backend()
    {
        var rings = new FigureRings();
        var pool = new FigureSubject(SubjectKind.Pool, "web");
        rings.Sample(Now, [(pool, new FigureTotals(0, 0)), (Backend(1), new FigureTotals(0, 0))]);
        rings.Sample(Now + 1, [(pool, new FigureTotals(7, 0)), (Backend(1), new FigureTotals(7, 0))]);
        rings.Sample(Now + 86_390, [(pool, new FigureTotals(8, 0)), (Backend(1), new FigureTotals(8, 0))]);
        Assert.Equal(8, rings.Slots(pool, 10, Now + 86_390, 8640).Sum(f => f.Requests));
        Assert.Equal(1, rings.Slots(Backend(1), 10, Now + 86_390, 360).Sum(f => f.Requests));
    }

    [Fact]
    public void What_two_nodes_read_is_summed_up()
    {
        FigureReading one = new(FigureSubject.Node, 3, 1, 30, 2, [0, 4]) { Reasons = [new FailureCount("", 2)] };
        FigureReading other = new(FigureSubject.Node, 5, 0, 50, 1, [1, 1, 9]) { Reasons = [new FailureCount("queue-full", 3), new FailureCount("", 1)] };
        FigureReading sum = FigureReading.Sum([one, other])[FigureSubject.Node];
        Assert.Equal((8, 1, 80, 3), (sum.Requests, sum.Failures, sum.RecentRequests, sum.RecentFailures));
        Assert.Equal<long>([1, 5, 9], sum.Latencies);
        Assert.Equal<FailureCount>([new FailureCount("", 3), new FailureCount("queue-full", 3)], sum.Reasons);
    }

    [Fact]
    public void A_quantile_of_nothing_is_none() => Assert.True(double.IsNaN(LatencyBounds.Quantile([], 0.5)) && double.IsNaN(LatencyBounds.Quantile([0, 0], 0.99)));
}
