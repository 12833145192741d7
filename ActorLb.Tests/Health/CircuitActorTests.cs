using ActorLb.Tests.Cluster;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Supervision;
using Akka.Actor;
using Akka.Event;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class CircuitActorTests : ActorTest
{
    private static readonly BackendName Web = new("web", "a");

    private readonly ManualTime _time = new();
    private readonly DataPlane _plane;
    private readonly TestProbe _health;
    private readonly IActorRef _circuits;
    private HealthBoardState _board;

    public CircuitActorTests()
    {
        _plane = new DataPlane(Pools.Node("me", "unused", Pools.Web("a", "b")), _time);
        _board = HealthBoardState.Start(_plane.Settings.Name, _plane.Routing);
        _health = CreateTestProbe();
        this.StartNodeActor<HealthSupervisorActor>(Props.Create(() => new Forwarder(_health.Ref)));
        Sys.EventStream.Subscribe<CircuitChanged>(TestActor);
        _circuits = Start();
    }

    private BackendTraffic Traffic => _plane.Traffic[Web];

    [Fact]
    public async Task An_opening_is_told_to_the_routers_and_asks_this_nodes_monitor()
    {
        Open();
        Assert.Equal(new CircuitChanged(Web, Open: true), await ChangedAsync());
        Assert.Equal(new ProbeBackend(Web), await _health.ExpectMsgAsync<ProbeBackend>());
    }

    [Fact]
    public async Task A_circuit_to_a_backend_that_is_gone_is_forgotten_with_it()
    {
        Open();
        await ChangedAsync();
        await SettledAsync();
        PoolSettings pool = _plane.Topology.Pools["web"];
        pool = pool with { Backends = [pool.Backends[1]] };
        _plane.Apply(_plane.Topology.WithPool(pool));
        _plane.Publish(RoutingSnapshots.Pool(
            pool,
            _ => new BackendCondition(BackendHealth.Up, _time.GetUtcNow(), OperatorState.Ready, null, false, 1),
            id => _plane.Traffic[new BackendName("web", id)],
            _plane.Cursors["web"]));

        for (int second = 0; second < 3; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await SettledAsync();
        }

        Assert.Equal([new BackendName("web", "b")], _plane.Traffic.Keys);
    }

    [Fact]
    public async Task An_opening_asks_every_observer_by_its_address()
    {
        await SettledAsync();

        // Two other members with this system's own address: three requests in all.
        Sys.EventStream.Publish(new MembershipChanged(
            "me", [.. new[] { "me", "node-1", "node-2" }.Select(n => new NodeMember(n, $"akka://{Sys.Name}", "up", Reachable: true))]));
        Open();
        for (int i = 0; i < 3; i++)
        {
            await _health.ExpectMsgAsync<ProbeBackend>();
        }
    }

    [Fact]
    public async Task What_is_wanted_is_asked_at_once_and_then_no_more_often_than_the_interval_allows()
    {
        await SettledAsync();
        Want(ProbeReason.RequestsFailed);
        Assert.False((await _health.ExpectMsgAsync<ProbeBackend>()).ConnectsFailed);
        Want(ProbeReason.ConnectsFailed);
        Want(ProbeReason.RequestsFailed);
        await SettledAsync();
        Assert.False(_health.HasMessages);
        _time.Advance(ProbeAsk.Interval);
        Assert.True((await _health.ExpectMsgAsync<ProbeBackend>()).ConnectsFailed);
        Assert.False(Traffic.CircuitOpen);
        _time.Advance(ProbeAsk.Interval);
        await SettledAsync();
        Assert.False(_health.HasMessages);
    }

    [Fact]
    public async Task Whoever_waits_is_told_when_the_observers_say_that_the_backend_is_up()
    {
        await SettledAsync();
        Task next = _plane.Changes["web"].Next;
        Want(ProbeReason.ConnectsFailed);
        await _health.ExpectMsgAsync<ProbeBackend>();
        long asked = _time.GetTimestamp();
        Assert.True(Traffic.ConfirmedAt < asked);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Passes();
        await next.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(Traffic.ConfirmedAt >= asked);
    }

    [Fact]
    public async Task While_a_circuit_is_open_and_there_is_no_verdict_the_observers_are_asked_every_second()
    {
        Open();
        await ChangedAsync();
        await _health.ExpectMsgAsync<ProbeBackend>();
        await SettledAsync();
        Traffic.FallSilent(_time.GetTimestamp());
        for (int second = 0; second < 3; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.True((await _health.ExpectMsgAsync<ProbeBackend>()).ConnectsFailed);
            await SettledAsync();
        }
    }

    [Fact]
    public async Task It_closes_by_a_probe_that_passed_after_the_opening_and_not_by_an_older_one()
    {
        await SettledAsync();
        Passes();
        Open();
        await ChangedAsync();
        Sys.EventStream.Publish(new BoardChanged(_board));
        await SettledAsync();
        Assert.True(Traffic.CircuitOpen);

        _time.Advance(TimeSpan.FromMilliseconds(10));
        Passes();
        Assert.Equal(new CircuitChanged(Web, Open: false), await ChangedAsync());
        Assert.False(Traffic.CircuitOpen);
    }

    [Fact]
    public async Task One_that_is_kept_open_closes_after_its_time_by_probes_that_pass_and_nobody_waits_for_it()
    {
        await SettledAsync();
        Traffic.OpenCircuit(new OpenedCircuit(_time.GetUtcNow(), CircuitReason.Statuses, Ejects: true)
        {
            AtLeast = TimeSpan.FromSeconds(3),
            KeptUntil = _time.GetTimestamp() + (3 * _time.TimestampFrequency),
        });
        Traffic.FallSilent(_time.GetTimestamp());
        _plane.Circuits.Offer(Web);
        Assert.True((await ChangedAsync()).Open);
        for (int second = 0; second < 3; second++)
        {
            Assert.True(Traffic.IsEjected);
            _time.Advance(TimeSpan.FromMilliseconds(999));
            Passes();
            await SettledAsync();
            Assert.False(Traffic.IsSilent);
        }

        Assert.True(Traffic.IsEjected);
        _time.Advance(TimeSpan.FromSeconds(1));

        // It is looked at every second, and the last look may have been just before the time was over.
        await SettledAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await ChangedAsync()).Open);
        Assert.False(Traffic.CircuitOpen);
    }

    [Fact]
    public async Task It_closes_when_the_backend_went_down_and_came_up_again()
    {
        await SettledAsync();
        Passes();
        Open();
        await ChangedAsync();
        for (int second = 1; second <= 3; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Judged(healthy: second == 3);
        }

        Assert.False((await ChangedAsync()).Open);
    }

    [Fact]
    public async Task It_opens_and_closes_again_and_again()
    {
        for (int i = 0; i < 3; i++)
        {
            Open();
            Assert.True((await ChangedAsync()).Open);
            _time.Advance(TimeSpan.FromMilliseconds(10));
            Passes();
            Assert.False((await ChangedAsync()).Open);
        }
    }

    [Fact]
    public async Task An_opening_whose_notice_was_lost_is_found_within_a_second()
    {
        await SettledAsync();
        Traffic.OpenCircuit();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new CircuitChanged(Web, Open: true), await ChangedAsync());
    }

    [Fact]
    public async Task Circuits_that_were_open_before_a_restart_of_the_control_plane_are_taken_over()
    {
        await WatchAsync(_circuits);
        Sys.Stop(_circuits);
        await ExpectTerminatedAsync(_circuits);
        Open();
        Start();
        Assert.True((await ChangedAsync()).Open);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Passes();
        Assert.False((await ChangedAsync()).Open);
    }

    private IActorRef Start() => Sys.ActorOf(Props.Create(() => new CircuitActor(_plane, NullLogger<CircuitActor>.Instance, _time)));

    // Before the actor has started, it would not hear of what happens; and the feed tells it from another thread.
    private async Task SettledAsync()
    {
        await AwaitConditionAsync(() => Task.FromResult(_plane.Circuits.Changed.Count == 0));
        await _circuits.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(20));
    }

    private void Open()
    {
        Traffic.OpenCircuit();
        _plane.Circuits.Offer(Web);
    }

    private void Want(ProbeReason reason)
    {
        Traffic.WantProbe(reason);
        _plane.Circuits.Offer(Web);
    }

    private void Passes() => Judged(healthy: true);

    private void Judged(bool healthy)
    {
        var verdict = new Verdict(Web, "me", healthy, "", _time.GetUtcNow());
        _board = _board.WithOwn(verdict, Moment.Of(_time));
        Sys.EventStream.Publish(new BoardChanged(_board));
    }

    private async Task<CircuitChanged> ChangedAsync() => await ExpectMsgAsync<CircuitChanged>(TimeSpan.FromSeconds(20));
}
