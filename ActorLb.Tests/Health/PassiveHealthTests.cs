using ActorLb.Engine;
using ActorLb.Engine.Health;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class PassiveHealthTests
{
    private static readonly BackendName Web = new("web", "a");

    private readonly ManualTime _time = new();
    private readonly DataPlane _plane;
    private readonly PassiveHealth _passive;

    public PassiveHealthTests()
    {
        PoolSettings pool = Pools.Web("a", "b");
        PassiveSettings passive = pool.Health.Passive with { Statuses = [new StatusRange(502, 504)] };
        _plane = new DataPlane(Pools.Node("me", "unused", pool with { Health = pool.Health with { Passive = passive } }), _time);
        _passive = new PassiveHealth(_plane);
    }

    private BackendTraffic Traffic => _plane.Traffic[Web];

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void So_many_failures_within_the_window_open_the_circuit_and_not_fewer(int failures, bool open)
    {
        Report(RequestOutcome.ConnectFailed, times: failures);
        Assert.Equal(open, Traffic.CircuitOpen);
        Assert.False(_plane.Traffic[new BackendName("web", "b")].CircuitOpen);
    }

    [Theory]
    [InlineData(9_999, true)]
    [InlineData(10_000, true)]
    [InlineData(10_001, false)]
    public void The_first_of_them_must_still_be_within_the_window(int milliseconds, bool open)
    {
        Report(RequestOutcome.ConnectFailed);
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Report(RequestOutcome.ConnectFailed, times: 2);
        Assert.Equal(open, Traffic.CircuitOpen);
    }

    [Fact]
    public void The_window_slides()
    {
        for (int i = 0; i < 20; i++)
        {
            Report(RequestOutcome.ResetBeforeResponse);
            _time.Advance(TimeSpan.FromSeconds(5.1));
        }

        Assert.False(Traffic.CircuitOpen);
        Report(RequestOutcome.ResetBeforeResponse, times: 2);
        Assert.True(Traffic.CircuitOpen);
    }

    [Theory]
    [InlineData(RequestOutcome.ConnectFailed, 0, true)]
    [InlineData(RequestOutcome.ResetBeforeResponse, 0, true)]
    [InlineData(RequestOutcome.InvalidResponse, 0, true)]
    [InlineData(RequestOutcome.ResetDuringResponse, 200, false)]
    [InlineData(RequestOutcome.TimedOut, 0, false)]
    [InlineData(RequestOutcome.ClientGone, 0, false)]
    [InlineData(RequestOutcome.Answered, 200, false)]
    [InlineData(RequestOutcome.Answered, 501, false)]
    [InlineData(RequestOutcome.Answered, 502, true)]
    [InlineData(RequestOutcome.Answered, 504, true)]
    [InlineData(RequestOutcome.Answered, 505, false)]
    public void Only_what_speaks_against_the_backend_counts(RequestOutcome outcome, int status, bool counts)
    {
        Report(outcome, status, times: 10);
        Assert.Equal(counts, Traffic.CircuitOpen);
    }

    [Fact]
    public void An_opening_is_told_once_and_failures_of_an_open_circuit_are_forgotten()
    {
        Report(RequestOutcome.ConnectFailed, times: 50);
        Assert.True(_plane.Circuits.Opened.TryRead(out BackendName opened));
        Assert.Equal(Web, opened);
        Assert.False(_plane.Circuits.Opened.TryRead(out _));
        Traffic.CloseCircuit();
        Report(RequestOutcome.ConnectFailed, times: 2);
        Assert.False(Traffic.CircuitOpen);
    }

    [Fact]
    public void No_allowed_failures_means_that_nobody_counts()
    {
        PoolSettings pool = Pools.Web("a");
        pool = pool with { Health = pool.Health with { Passive = pool.Health.Passive with { Failures = 0 } } };
        for (int i = 0; i < 100; i++)
        {
            _passive.Report(_plane.Routing.Pools["web"].Backends[0], pool, RequestOutcome.ConnectFailed);
        }

        Assert.False(Traffic.CircuitOpen);
    }

    [Fact]
    public void A_success_allocates_nothing()
    {
        PoolSnapshot pool = _plane.Routing.Pools["web"];
        BackendSnapshot backend = pool.Backends[0];
        _passive.Report(backend, pool.Settings, RequestOutcome.Answered, 200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            _passive.Report(backend, pool.Settings, RequestOutcome.Answered, 200);
        }

        // The runtime itself may allocate a little on this thread; ten thousand reports that allocate would be 240 kB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    [Fact]
    public void Failures_from_many_threads_open_it_once()
    {
        Parallel.For(0, 1000, _ => Report(RequestOutcome.ConnectFailed));
        Assert.True(Traffic.CircuitOpen);
        Assert.True(_plane.Circuits.Opened.TryRead(out _));
    }

    private void Report(RequestOutcome outcome, int status = 0, int times = 1)
    {
        PoolSnapshot pool = _plane.Routing.Pools["web"];
        for (int i = 0; i < times; i++)
        {
            _passive.Report(pool.Backends[0], pool.Settings, outcome, status);
        }
    }
}
