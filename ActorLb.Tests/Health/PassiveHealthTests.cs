using System.Net;
using ActorLb.Engine;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Health;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
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
        PassiveSettings passive = pool.Health.Passive with { Statuses = [new StatusRange(502, 504)], EjectionTime = TimeSpan.FromSeconds(10) };
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
            Report(RequestOutcome.ConnectFailed);
            _time.Advance(TimeSpan.FromSeconds(5.1));
        }

        Assert.False(Traffic.CircuitOpen);
        Report(RequestOutcome.ConnectFailed, times: 2);
        Assert.True(Traffic.CircuitOpen);
    }

    [Theory]
    [InlineData(nameof(RequestOutcome.ConnectFailed), 0, nameof(FailureMeaning.Unreachable))]
    [InlineData(nameof(RequestOutcome.ConnectTimedOut), 0, nameof(FailureMeaning.Unreachable))]
    [InlineData(nameof(RequestOutcome.ResetBeforeResponse), 0, nameof(FailureMeaning.Suspicion))]
    [InlineData(nameof(RequestOutcome.InvalidResponse), 0, nameof(FailureMeaning.Suspicion))]
    [InlineData(nameof(RequestOutcome.ResetDuringResponse), 200, nameof(FailureMeaning.Suspicion))]
    [InlineData(nameof(RequestOutcome.TimedOut), 0, nameof(FailureMeaning.Suspicion))]
    [InlineData(nameof(RequestOutcome.ClientGone), 0, nameof(FailureMeaning.None))]
    [InlineData(nameof(RequestOutcome.Answered), 200, nameof(FailureMeaning.None))]
    [InlineData(nameof(RequestOutcome.Answered), 501, nameof(FailureMeaning.None))]
    [InlineData(nameof(RequestOutcome.Answered), 502, nameof(FailureMeaning.Status))]
    [InlineData(nameof(RequestOutcome.Answered), 504, nameof(FailureMeaning.Status))]
    [InlineData(nameof(RequestOutcome.Answered), 505, nameof(FailureMeaning.None))]
    public void What_a_client_can_bring_about_is_a_suspicion_at_most(string outcomeName, int status, string meaningName)
    {
        RequestOutcome outcome = Enum.Parse<RequestOutcome>(outcomeName);
        FailureMeaning meaning = Enum.Parse<FailureMeaning>(meaningName);
        PassiveSettings settings = _plane.Topology.Pools["web"].Health.Passive;
        Assert.Equal(meaning, PassiveHealth.MeaningOf(settings, outcome, status));
        for (byte client = 1; client <= 10; client++)
        {
            Report(outcome, status, client: client);
        }

        Assert.Equal(meaning is FailureMeaning.Unreachable or FailureMeaning.Status, Traffic.CircuitOpen);
        Assert.Equal(meaning != FailureMeaning.None, _plane.Circuits.Changed.TryRead(out _));
    }

    [Fact]
    public void Requests_that_fail_in_numbers_have_the_backend_probed_and_leave_its_circuit_closed()
    {
        Report(RequestOutcome.ResetBeforeResponse, times: 2);
        Assert.Equal(ProbeReason.None, Traffic.TakeProbeWanted());
        for (int i = 0; i < 1000; i++)
        {
            Report(RequestOutcome.InvalidResponse);
        }

        Assert.False(Traffic.CircuitOpen);
        Assert.True(_plane.Circuits.Changed.TryRead(out BackendName wants));
        Assert.Equal(Web, wants);
        Assert.False(_plane.Circuits.Changed.TryRead(out _));
        Assert.Equal(ProbeReason.RequestsFailed, Traffic.TakeProbeWanted());
        Assert.Equal(ProbeReason.None, Traffic.TakeProbeWanted());
    }

    [Theory]
    [InlineData(nameof(RequestOutcome.ConnectFailed))]
    [InlineData(nameof(RequestOutcome.ConnectTimedOut))]
    public void The_first_failed_connect_has_the_backend_probed(string outcome)
    {
        Report(Enum.Parse<RequestOutcome>(outcome));
        Assert.True(_plane.Circuits.Changed.TryRead(out _));
        Assert.Equal(ProbeReason.ConnectsFailed, Traffic.TakeProbeWanted());
        Assert.False(Traffic.CircuitOpen);
    }

    [Fact]
    public void A_failed_connect_is_told_although_a_probe_is_wanted_for_less()
    {
        Report(RequestOutcome.TimedOut, times: 3);
        Report(RequestOutcome.ConnectFailed);
        Assert.True(_plane.Circuits.Changed.TryRead(out _));
        Assert.True(_plane.Circuits.Changed.TryRead(out _));
        Assert.Equal(ProbeReason.RequestsFailed | ProbeReason.ConnectsFailed, Traffic.TakeProbeWanted());
    }

    [Fact]
    public void Statuses_count_once_for_each_client_within_the_window()
    {
        for (int i = 0; i < 100; i++)
        {
            Report(RequestOutcome.Answered, 502, client: 1);
            Report(RequestOutcome.Answered, 503, client: 2);
        }

        Assert.False(Traffic.CircuitOpen);
        _time.Advance(TimeSpan.FromSeconds(10.1));
        Report(RequestOutcome.Answered, 502, client: 1);
        Report(RequestOutcome.Answered, 502, client: 3);
        Assert.False(Traffic.CircuitOpen);
        Report(RequestOutcome.Answered, 502, client: 4);
        Assert.True(Traffic.CircuitOpen);
    }

    [Fact]
    public void A_circuit_that_statuses_opened_stays_open_for_longer_each_time_and_one_of_connects_until_probes_pass()
    {
        Report(RequestOutcome.ConnectFailed, times: 3);
        Assert.Equal(TimeSpan.Zero, Traffic.Circuit!.AtLeast);
        _plane.CloseCircuit(Web);
        foreach (int seconds in (int[])[10, 20, 40, 80, 100, 100])
        {
            for (byte client = 1; client <= 3; client++)
            {
                Report(RequestOutcome.Answered, 502, client: client);
            }

            Assert.Equal((CircuitReason.Statuses, TimeSpan.FromSeconds(seconds)), (Traffic.Circuit!.Reason, Traffic.Circuit.AtLeast));
            Assert.Equal(_time.GetTimestamp() + (seconds * _time.TimestampFrequency), Traffic.Circuit.KeptUntil);
            _time.Advance(TimeSpan.FromSeconds(seconds));
            _plane.CloseCircuit(Web);
        }
    }

    [Fact]
    public void A_backend_is_silent_after_so_many_connects_that_timed_out_until_its_circuit_closes()
    {
        Report(RequestOutcome.ConnectFailed, times: 10);
        Assert.True(Traffic.CircuitOpen);
        Assert.False(Traffic.IsSilent);
        Report(RequestOutcome.ConnectTimedOut, times: 2);
        Assert.False(Traffic.IsSilent);
        Report(RequestOutcome.ConnectTimedOut);
        Assert.True(Traffic.IsSilent);
        _plane.CloseCircuit(Web);
        Assert.False(Traffic.IsSilent);
        Assert.False(Traffic.CircuitOpen);
    }

    [Fact]
    public void Failures_of_an_open_circuit_are_forgotten()
    {
        Report(RequestOutcome.ConnectFailed, times: 50);
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
        Assert.True(_plane.Circuits.Changed.TryRead(out _));
    }

    [Theory]
    [InlineData(3, 3, 1, true)]
    [InlineData(5, 3, 1, true)]
    [InlineData(5, 4, 1, false)]
    [InlineData(5, 4, 2, true)]
    [InlineData(3, 9, 6, false)]
    [InlineData(3, 9, 7, true)]
    public void What_failed_before_a_reload_counts_by_the_failures_of_after_it(int before, int after, int more, bool open)
    {
        Reload(p => p with { Failures = before });
        Report(RequestOutcome.ConnectFailed, times: 2);
        Reload(p => p with { Failures = after });
        Report(RequestOutcome.ConnectFailed, times: more);
        Assert.Equal(open, Traffic.CircuitOpen);
    }

    [Theory]
    [InlineData(10, 5, 5_000, true)]
    [InlineData(10, 5, 5_001, false)]
    [InlineData(10, 60, 10_001, true)]
    [InlineData(10, 60, 60_001, false)]
    public void What_failed_before_a_reload_counts_for_as_long_as_the_window_of_after_it(int before, int after, int milliseconds, bool open)
    {
        Reload(p => p with { Window = TimeSpan.FromSeconds(before) });
        Report(RequestOutcome.ConnectFailed, times: 2);
        Reload(p => p with { Window = TimeSpan.FromSeconds(after) });
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Report(RequestOutcome.ConnectFailed);
        Assert.Equal(open, Traffic.CircuitOpen);
    }

    [Fact]
    public void Statuses_timeouts_and_suspicions_follow_a_reload_too()
    {
        Reload(p => p with { Failures = 9 });
        Report(RequestOutcome.Answered, 502, client: 1);
        Report(RequestOutcome.ConnectTimedOut);
        Report(RequestOutcome.InvalidResponse);
        Traffic.TakeProbeWanted();
        Reload(p => p with { Failures = 2 });
        Report(RequestOutcome.InvalidResponse);
        Assert.Equal(ProbeReason.RequestsFailed, Traffic.TakeProbeWanted());
        Assert.False(Traffic.CircuitOpen);
        Report(RequestOutcome.Answered, 502, client: 2);
        Assert.Equal(CircuitReason.Statuses, Traffic.Circuit!.Reason);
        Assert.False(Traffic.IsSilent);
        Report(RequestOutcome.ConnectTimedOut);
        Assert.True(Traffic.IsSilent);
    }

    [Fact]
    public void A_circuit_that_is_open_stays_open_whatever_a_reload_says_of_failures()
    {
        Report(RequestOutcome.ConnectFailed, times: 3);
        foreach (int failures in (int[])[100, 1, 0])
        {
            Reload(p => p with { Failures = failures, Window = TimeSpan.FromSeconds(1 + failures) });
            Assert.True(Traffic.CircuitOpen);
            Assert.True(_plane.Routing.Pools["web"].Backends[0].Traffic.CircuitOpen);
        }

        _plane.CloseCircuit(Web);
        Assert.False(Traffic.CircuitOpen);
    }

    private void Reload(Func<PassiveSettings, PassiveSettings> change)
    {
        PoolSettings pool = _plane.Topology.Pools["web"];
        _plane.Apply(_plane.Topology.WithPool(pool with { Health = pool.Health with { Passive = change(pool.Health.Passive) } }));
    }

    private void Report(RequestOutcome outcome, int status = 0, int times = 1, byte client = 1)
    {
        PoolSnapshot pool = _plane.Routing.Pools["web"];
        for (int i = 0; i < times; i++)
        {
            _passive.Report(pool.Backends[0], pool.Settings, outcome, status, ClientKey.Of(new IPAddress([192, 0, 2, client])));
        }
    }
}
