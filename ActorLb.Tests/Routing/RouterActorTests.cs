using ActorLb.Tests.Cluster;
using ActorLb.Engine.Routing;
using ActorLb.Engine;
using ActorLb.Node.Health;
using ActorLb.Node.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Tests.Health;
using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;
using System.Collections.Immutable;
using Xunit;

namespace ActorLb.Tests.Routing;

public sealed class RouterActorTests : ActorTest
{
    private readonly ManualTime _time = new();
    private readonly DataPlane _plane;
    private readonly HealthCapability _capability;
    private readonly IActorRef _router;

    public RouterActorTests()
    {
        _plane = new DataPlane(
            Pools.Node("node-2", "unused", Pools.Web("a", "b", "c") with { SlowStart = TimeSpan.FromSeconds(10) }), _time);
        _capability = new HealthCapability(_plane.Topology.Pools.Keys);
        _router = Start();
    }

    private PoolSnapshot Pool => _plane.Routing.Pools["web"];

    [Fact]
    public async Task A_backend_that_is_down_leaves_the_rotation_and_comes_back()
    {
        await AllUpAsync();
        Assert.Equal([0, 1, 2], Pool.Rotation.WholeOrder());
        await HealthAsync("b", BackendHealth.Down);
        Assert.Equal([0, 2], Pool.Rotation.WholeOrder());
        Assert.False(Pool.Backends[1].KeepsSessions);
        await HealthAsync("b", BackendHealth.Up);
        Assert.Equal(21, Pool.Rotation.Length);
        Assert.Equal(1, Pool.Rotation.WholeOrder().Count(b => b == 1));
    }

    [Fact]
    public async Task Slow_start_goes_up_by_the_clock_to_the_full_share()
    {
        await AllUpAsync();
        await HealthAsync("b", BackendHealth.Down);
        await HealthAsync("b", BackendHealth.Up);
        for (int second = 2; second <= 10; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(second == 2 ? 2 : 1));
            await SettledAsync();
            int expected = second;
            Assert.Equal(expected, 10 * Pool.Rotation.WholeOrder().Count(b => b == 1) / Pool.Rotation.WholeOrder().Count(b => b == 0));
        }

        Assert.Equal([0, 1, 2], Pool.Rotation.WholeOrder());
    }

    [Fact]
    public async Task Draining_keeps_sessions_until_the_deadline_and_ready_ends_it()
    {
        await AllUpAsync();
        await DecideAsync("a", OperatorState.Draining, _time.GetUtcNow().AddSeconds(30));
        Assert.Equal((false, true), (Pool.Backends[0].TakesNewSessions, Pool.Backends[0].KeepsSessions));
        _time.Advance(TimeSpan.FromSeconds(29.999));
        await SettledAsync();
        Assert.True(Pool.Backends[0].KeepsSessions);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await SettledAsync();
        Assert.False(Pool.Backends[0].KeepsSessions);
        await DecideAsync("a", OperatorState.Ready, null);
        Assert.Equal((true, true), (Pool.Backends[0].TakesNewSessions, Pool.Backends[0].KeepsSessions));
    }

    [Fact]
    public async Task An_open_circuit_leaves_the_rotation_and_a_closed_one_returns()
    {
        await AllUpAsync();
        Sys.EventStream.Publish(new CircuitChanged(new BackendName("web", "c"), Open: true));
        await SettledAsync();
        Assert.Equal([0, 1], Pool.Rotation.WholeOrder());
        Sys.EventStream.Publish(new CircuitChanged(new BackendName("web", "c"), Open: false));
        await SettledAsync();
        Assert.Equal([0, 1, 2], Pool.Rotation.WholeOrder());
    }

    [Fact]
    public async Task Nothing_new_is_not_published()
    {
        await AllUpAsync();
        RoutingSnapshot before = _plane.Routing;
        await HealthAsync("a", BackendHealth.Up);
        Sys.EventStream.Publish(new BackendHealthChanged(new BackendName("api", "a"), BackendHealth.Down, _time.GetUtcNow(), []));
        Sys.EventStream.Publish(new OperatorDecisionsChanged(ImmutableDictionary<BackendName, OperatorDecision>.Empty));
        await SettledAsync();
        Assert.Same(before, _plane.Routing);
    }

    [Fact]
    public async Task A_router_that_starts_again_goes_on_from_what_is_published()
    {
        await AllUpAsync();
        await HealthAsync("b", BackendHealth.Down);
        await DecideAsync("c", OperatorState.Maintenance, null);
        RoutingSnapshot before = _plane.Routing;
        await WatchAsync(_router);
        Sys.Stop(_router);
        await ExpectTerminatedAsync(_router);
        IActorRef next = Start();
        await next.Ask<ActorIdentity>(new Identify(1));
        Assert.Same(before, _plane.Routing);
        Assert.Equal([0], Pool.Rotation.WholeOrder());
    }

    [Fact]
    public async Task What_changed_while_a_router_was_away_is_found_when_it_starts()
    {
        await WatchAsync(_router);
        Sys.Stop(_router);
        await ExpectTerminatedAsync(_router);
        HealthBoardState board = HealthBoardState.Start(_plane.Settings.Name, _plane.Routing);
        foreach (string id in new[] { "a", "b", "c" })
        {
            board = board.WithOwn(new Verdict(new("web", id), "node-2", id != "c", "", _time.GetUtcNow()), Moment.Of(_time));
        }

        _capability.Board = board;
        _capability.KnownDecisions = Decided("a", OperatorState.Maintenance, null);
        await Start().Ask<ActorIdentity>(new Identify(1));
        Assert.Equal([1], Pool.Rotation.WholeOrder());
    }

    [Fact]
    public async Task The_first_turn_is_the_nodes_rank_among_the_members()
    {
        await AllUpAsync();
        Sys.EventStream.Publish(new MembershipChanged("node-2", [Member("node-1"), Member("node-2")]));
        await SettledAsync();
        Assert.Equal([1, 2, 0, 1], Enumerable.Range(0, 4).Select(_ => Pool.Rotation.Next(Pool.Cursor)));
    }

    [Fact]
    public async Task First_verdicts_are_there_once_every_backend_has_been_judged()
    {
        await HealthAsync("a", BackendHealth.Up);
        await HealthAsync("b", BackendHealth.Down);
        Assert.False(_capability.FirstVerdicts.IsCompleted);
        await HealthAsync("c", BackendHealth.Up);
        await _capability.FirstVerdicts.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private static NodeMember Member(string name) => new(name, $"akka.tcp://actorlb@{name}:1", "up", Reachable: true);

    private static ImmutableDictionary<BackendName, OperatorDecision> Decided(string id, OperatorState state, DateTimeOffset? deadline)
    {
        var name = new BackendName("web", id);
        return ImmutableDictionary<BackendName, OperatorDecision>.Empty.Add(name, new(name, state, deadline, 1, "node-1"));
    }

    private IActorRef Start() => Sys.ActorOf(Props.Create(() => new RouterActor("web", _plane, _capability, NullLogger.Instance, _time)));

    private async Task AllUpAsync()
    {
        // Events before the subscription would be lost.
        await SettledAsync();
        foreach (string id in new[] { "a", "b", "c" })
        {
            await HealthAsync(id, BackendHealth.Up);
        }
    }

    private async Task HealthAsync(string id, BackendHealth health)
    {
        await SettledAsync();
        Sys.EventStream.Publish(new BackendHealthChanged(new BackendName("web", id), health, _time.GetUtcNow(), []));
        await SettledAsync();
    }

    private async Task DecideAsync(string id, OperatorState state, DateTimeOffset? deadline)
    {
        Sys.EventStream.Publish(new OperatorDecisionsChanged(Decided(id, state, deadline)));
        await SettledAsync();
    }

    private Task<ActorIdentity> SettledAsync() => _router.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(20));
}
