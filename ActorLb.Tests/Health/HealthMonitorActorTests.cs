using ActorLb.Tests.Cluster;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.Actor;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class HealthMonitorActorTests : ActorTest
{
    private static readonly BackendName Web = new("web", "a");
    private static readonly ProbeResult Good = new(Passed: true, "200");
    private static readonly ProbeResult Bad = new(Passed: false, "503");

    private readonly ManualTime _time = new();
    private readonly ScriptedProbe _probe = new();

    [Fact]
    public async Task The_first_probe_begins_at_once_and_decides()
    {
        _probe.Answer = Bad;
        Monitor();
        ProbeJudged judged = await JudgedAsync();
        Assert.Equal(new Verdict(Web, "me", Healthy: false, "503", Agreed()), judged.Verdict);
        Assert.True(judged.IsUrgent);
    }

    [Fact]
    public async Task Probes_come_at_the_interval_with_a_jitter_that_only_shortens()
    {
        _probe.Answer = Good;
        Monitor();
        await JudgedAsync();
        for (int i = 0; i < 20; i++)
        {
            TimeSpan wait = _time.NextRing!.Value;
            Assert.InRange(wait, TimeSpan.FromSeconds(1.8), TimeSpan.FromSeconds(2));
            _time.Advance(wait);
            Assert.False((await JudgedAsync()).IsUrgent);
        }
    }

    [Fact]
    public async Task A_backend_that_turns_sick_is_unhealthy_within_interval_times_fall()
    {
        _probe.Answer = Good;
        Monitor();
        await JudgedAsync();

        _probe.Answer = Bad;
        DateTimeOffset sick = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(2));
        Verdict first = (await JudgedAsync()).Verdict;
        Assert.Equal((true, false), (first.Healthy, first.Passed));
        Assert.InRange(_time.NextRing!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        ProbeJudged second = await JudgedAsync();
        Assert.Equal((false, false, true), (second.Verdict.Healthy, second.Verdict.Passed, second.IsUrgent));
        Assert.InRange(_time.GetUtcNow() - sick, TimeSpan.Zero, TimeSpan.FromSeconds(4));

        _probe.Answer = Good;
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False((await JudgedAsync()).Verdict.Healthy);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await JudgedAsync()).Verdict.Healthy);
    }

    [Fact]
    public async Task A_backend_whose_probes_hang_from_the_start_is_judged_when_so_many_have_timed_out()
    {
        IActorRef monitor = Monitor();
        await SettledAsync(monitor);
        while (_probe.Begun < Pools.Health.Fall)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await SettledAsync(monitor);
        }

        // Nothing was judged until then.
        TestActor.Tell("the last one has begun", ActorRefs.NoSender);
        await ExpectMsgAsync<string>();
        _time.Advance(Pools.Health.Timeout);
        Verdict verdict = (await JudgedAsync()).Verdict;
        Assert.Equal((false, "timed out"), (verdict.Healthy, verdict.Detail));
        Assert.Equal(Pools.Health.Fall, _probe.Begun);
    }

    [Fact]
    public async Task Asking_during_a_probe_brings_one_more_after_it_and_never_two_at_a_time()
    {
        IActorRef monitor = Monitor();
        for (int i = 0; i < 10; i++)
        {
            monitor.Tell(new ProbeBackend(Web));
        }

        await SettledAsync(monitor);
        Assert.True(_probe.End(passed: true));
        Assert.True((await JudgedAsync()).Verdict.Healthy);
        Assert.Equal(TimeSpan.Zero, _time.NextRing);
        _time.Advance(TimeSpan.Zero);
        await AwaitConditionAsync(() => Task.FromResult(_probe.End(passed: false)));
        ProbeJudged asked = await JudgedAsync();
        Assert.True(asked.IsUrgent);
        Assert.False(asked.Verdict.Passed);
        Assert.Equal(2, _probe.Begun);
        Assert.Equal(1, _probe.InFlightMax);
    }

    [Fact]
    public async Task A_storm_of_asking_does_not_multiply_probes()
    {
        _probe.Answer = Good;
        IActorRef monitor = Monitor();
        await JudgedAsync();
        for (int second = 0; second < 5; second++)
        {
            for (int i = 0; i < 100; i++)
            {
                monitor.Tell(new ProbeBackend(Web));
            }

            await SettledAsync(monitor);
            _time.Advance(TimeSpan.Zero);
            Assert.True((await JudgedAsync()).IsUrgent);
            for (int i = 0; i < 100; i++)
            {
                monitor.Tell(new ProbeBackend(Web));
            }

            await SettledAsync(monitor);
            Assert.Equal(TimeSpan.FromSeconds(1), _time.NextRing);
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.True((await JudgedAsync()).IsUrgent);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_probe.Begun, 1, 21);
    }

    [Fact]
    public async Task A_backend_that_refuses_is_down_within_a_fifth_of_a_second_of_a_failed_connect()
    {
        _probe.Answer = Good;
        IActorRef monitor = Monitor();
        await JudgedAsync();
        _time.Advance(TimeSpan.FromMilliseconds(700));

        _probe.Answer = new ProbeResult(Passed: false, "connection refused") { CouldNotConnect = true };
        DateTimeOffset refused = _time.GetUtcNow();
        monitor.Tell(new ProbeBackend(Web) { ConnectsFailed = true });
        await SettledAsync(monitor);
        _time.Advance(TimeSpan.Zero);
        ProbeJudged first = await JudgedAsync();
        Assert.Equal((true, false, true), (first.Verdict.Healthy, first.Verdict.Passed, first.IsUrgent));

        _time.Advance(_time.NextRing!.Value);
        ProbeJudged second = await JudgedAsync();
        Assert.Equal((false, true), (second.Verdict.Healthy, second.IsUrgent));
        Assert.InRange(_time.GetUtcNow() - refused, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        Assert.True(_time.NextRing > TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_probe_that_throws_is_a_failure_and_not_the_end()
    {
        _probe.Answer = null;
        Monitor(() => new ThrowingProbe());
        Verdict verdict = (await JudgedAsync()).Verdict;
        Assert.Equal((false, "InvalidOperationException"), (verdict.Healthy, verdict.Detail));
        _time.Advance(TimeSpan.FromSeconds(2));
        await JudgedAsync();
    }

    [Fact]
    public async Task A_monitor_that_is_stopped_gives_its_probe_up()
    {
        IActorRef monitor = Monitor();
        await AwaitConditionAsync(() => Task.FromResult(_probe.Begun == 1));
        await WatchAsync(monitor);
        Sys.Stop(monitor);
        await ExpectTerminatedAsync(monitor);
        Assert.Null(_time.NextRing);
    }

    private IActorRef Monitor(Func<IProbe>? probe = null) => Sys.ActorOf(Props.Create(() => new HealthMonitorActor(
        Web, "me", Pools.Health, probe ?? (() => _probe), _time, Agreed, 1, TestActor)));

    // Its own clock is ahead of that of the others.
    private DateTimeOffset Agreed() => _time.GetUtcNow() - TimeSpan.FromSeconds(7);

    private async Task<ProbeJudged> JudgedAsync() => await ExpectMsgAsync<ProbeJudged>(TimeSpan.FromSeconds(20));

    // The answer comes after everything that was told before.
    private static Task<ActorIdentity> SettledAsync(IActorRef actor) => actor.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(20));

    private sealed class ThrowingProbe : IProbe
    {
        public Task<ProbeResult> ProbeAsync(CancellationToken cancellation) => throw new InvalidOperationException();

        public void Dispose()
        {
        }
    }
}
