using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Health;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Routing;

public sealed class RoutingSnapshotsTests
{
    private static readonly BackendCondition Up = new(BackendHealth.Up, default, OperatorState.Ready, null, DrainOver: false, SlowStartShare: 1);
    private static readonly BackendCondition Down = Up with { Health = BackendHealth.Down };
    private static readonly BackendCondition Unknown = Up with { Health = BackendHealth.Unknown };

    // One backend beside another that is up, ready and closed, so that nobody panics.
    [Theory]
    [InlineData(BackendHealth.Up, OperatorState.Ready, false, false, true, true)]
    [InlineData(BackendHealth.Up, OperatorState.Ready, false, true, false, true)]
    [InlineData(BackendHealth.Up, OperatorState.Draining, false, false, false, true)]
    [InlineData(BackendHealth.Up, OperatorState.Draining, true, false, false, false)]
    [InlineData(BackendHealth.Up, OperatorState.Draining, false, true, false, true)]
    [InlineData(BackendHealth.Up, OperatorState.Maintenance, false, false, false, false)]
    [InlineData(BackendHealth.Unknown, OperatorState.Ready, false, false, false, true)]
    [InlineData(BackendHealth.Unknown, OperatorState.Ready, false, true, false, true)]
    [InlineData(BackendHealth.Down, OperatorState.Ready, false, true, false, false)]
    [InlineData(BackendHealth.Unknown, OperatorState.Draining, false, false, false, true)]
    [InlineData(BackendHealth.Unknown, OperatorState.Maintenance, false, false, false, false)]
    [InlineData(BackendHealth.Down, OperatorState.Ready, false, false, false, false)]
    [InlineData(BackendHealth.Down, OperatorState.Draining, false, false, false, false)]
    [InlineData(BackendHealth.Down, OperatorState.Maintenance, false, false, false, false)]
    public void Who_takes_new_sessions_and_who_keeps_them(
        BackendHealth health, OperatorState state, bool drainOver, bool circuitOpen, bool takes, bool keeps)
    {
        var condition = new BackendCondition(health, default, state, null, drainOver, 1, circuitOpen);
        BackendSnapshot backend = Snapshot(WhenAllDown.Refuse, condition, Up).Backends[0];
        Assert.Equal((takes, keeps), (backend.TakesNewSessions, backend.KeepsSessions));
    }

    [Fact]
    public void The_rotation_holds_exactly_those_that_take_new_sessions()
    {
        PoolSnapshot pool = Snapshot(WhenAllDown.Refuse, Up, Down, Up with { Operator = OperatorState.Draining }, Up);
        Assert.Equal([0, 3], pool.Rotation.WholeOrder());
    }

    [Fact]
    public void While_all_are_unknown_all_are_used()
    {
        Assert.Equal([0, 1], Snapshot(WhenAllDown.Refuse, Unknown, Unknown).Rotation.WholeOrder());
        Assert.Equal([1], Snapshot(WhenAllDown.Refuse, Unknown, Up).Rotation.WholeOrder());
        Assert.Equal([], Snapshot(WhenAllDown.Refuse, Unknown, Down).Rotation.WholeOrder());
    }

    [Theory]
    [InlineData(BackendHealth.Up, OperatorState.Draining)]
    [InlineData(BackendHealth.Down, OperatorState.Draining)]
    [InlineData(BackendHealth.Up, OperatorState.Maintenance)]
    public void New_ones_that_nobody_has_judged_are_used_where_all_others_only_leave(BackendHealth health, OperatorState state)
    {
        PoolSnapshot pool = Snapshot(WhenAllDown.Refuse, Up with { Health = health, Operator = state }, Unknown, Unknown);
        Assert.Equal([1, 2], pool.Rotation.WholeOrder());
        Assert.Equal(health == BackendHealth.Up && state == OperatorState.Draining, pool.Backends[0].KeepsSessions);
    }

    [Fact]
    public void When_all_are_down_nobody_is_used_or_in_panic_mode_everybody_the_operator_left_in()
    {
        BackendCondition maintained = Down with { Operator = OperatorState.Maintenance };
        Assert.Equal([], Snapshot(WhenAllDown.Refuse, Down, Down, maintained).Rotation.WholeOrder());
        PoolSnapshot panic = Snapshot(WhenAllDown.TryAll, Down, Down, maintained);
        Assert.Equal([0, 1], panic.Rotation.WholeOrder());
        Assert.True(panic.Backends[0].KeepsSessions);
        Assert.False(panic.Backends[2].KeepsSessions);
    }

    [Fact]
    public void A_backend_that_is_up_but_draining_does_not_end_the_panic()
    {
        PoolSnapshot pool = Snapshot(WhenAllDown.TryAll, Up with { Operator = OperatorState.Draining }, Down);
        Assert.Equal([1], pool.Rotation.WholeOrder());
        Assert.True(pool.Backends[0].KeepsSessions);
    }

    [Fact]
    public void Circuits_take_nobody_out_where_nobody_else_is_left()
    {
        PoolSnapshot pool = Snapshot(WhenAllDown.Refuse, Up with { CircuitOpen = true }, Up with { CircuitOpen = true }, Down);
        Assert.Equal([0, 1], pool.Rotation.WholeOrder());
        Assert.True(pool.Backends[0].KeepsSessions);
        Assert.False(pool.Backends[2].KeepsSessions);
    }

    [Fact]
    public void A_backend_in_slow_start_takes_its_share_of_turns_and_keeps_its_weight()
    {
        PoolSnapshot pool = Snapshot(WhenAllDown.Refuse, Up with { SlowStartShare = 0.2 }, Up);
        Assert.Equal(2, pool.Rotation.WholeOrder().Count(b => b == 0) * 10 / pool.Rotation.WholeOrder().Count(b => b == 1));
        Assert.Equal(1, pool.Backends[0].Weight);
    }

    [Fact]
    public void Whoever_takes_new_sessions_keeps_them_and_nobody_does_in_maintenance()
    {
        Gen<BackendCondition> condition = Gen.Select(
            Gen.Enum<BackendHealth>(),
            Gen.Enum<OperatorState>(),
            Gen.Bool,
            Gen.Bool,
            (health, state, over, open) => new BackendCondition(health, default, state, null, over, 1, open));
        Gen.Select(condition.Array[1, 6], Gen.Enum<WhenAllDown>()).Sample((conditions, whenAllDown) =>
        {
            PoolSnapshot pool = Snapshot(whenAllDown, conditions);
            foreach (BackendSnapshot backend in pool.Backends)
            {
                Assert.True(!backend.TakesNewSessions || backend.KeepsSessions);
                Assert.False(backend.Operator == OperatorState.Maintenance && backend.KeepsSessions);
            }

            // Somebody who is up and ready is enough: the pool serves.
            Assert.True(!conditions.Any(c => c is { Health: BackendHealth.Up, Operator: OperatorState.Ready }) || pool.Rotation.Length > 0);
        });
    }

    [Fact]
    public void A_pool_that_is_built_on_the_one_before_is_the_one_that_is_built_anew()
    {
        Gen<BackendCondition> condition = Gen.Select(
            Gen.Enum<BackendHealth>(), Gen.Enum<OperatorState>(), Gen.Bool, Gen.Bool, Gen.Int[0, 2], Gen.Int[0, 3], Conditions);
        Gen<(BackendCondition Condition, int Weight, int Port, int Most)> backend = Gen.Select(condition, Gen.Int[1, 3], Gen.Int[1, 2], Gen.Int[0, 1]);
        Gen.Select(backend.Array[1, 4].Array[2, 6], Gen.Enum<WhenAllDown>(), Gen.Int[0, 1]).Sample((steps, whenAllDown, most) =>
        {
            var cursor = new RotationCursor();
            var traffic = new Dictionary<string, BackendTraffic>();
            PoolSnapshot? before = null;
            foreach ((BackendCondition Condition, int Weight, int Port, int Most)[] step in steps)
            {
                PoolSettings settings = Pools.Web("web-0") with
                {
                    WhenAllDown = whenAllDown,
                    MaxConnections = most,
                    Backends = [.. step.Select((b, i) => new BackendSettings($"web-{i}", new Uri($"http://h:{b.Port}"), b.Weight) { MaxConnections = b.Most == 0 ? null : 7 })],
                };
                PoolSnapshot Build(PoolSnapshot? on) => RoutingSnapshots.Pool(
                    settings,
                    id => step[int.Parse(id[4..])].Condition,
                    id => traffic.TryGetValue(id, out BackendTraffic? known) ? known : traffic[id] = new BackendTraffic(),
                    cursor,
                    on);
                PoolSnapshot anew = Build(null);
                PoolSnapshot next = Build(before);
                Assert.Equal(anew.Backends.ToArray(), next.Backends.ToArray());
                Assert.Equal(anew.Backends.Select(b => b.Prefix), next.Backends.Select(b => b.Prefix));
                Assert.Equal(anew.Rotation.WholeOrder(), next.Rotation.WholeOrder());
                Assert.Equal(settings, next.Settings);
                Assert.All(next.Backends, b => Assert.Same(b, next.Find(b.Key)));
                Assert.Same(next, Build(next));
                before = next;
            }
        });
    }

    [Fact]
    public void What_did_not_change_is_shared_with_the_pool_before()
    {
        PoolSettings settings = Pools.Web("web-0", "web-1", "web-2");
        var cursor = new RotationCursor();
        PoolSnapshot Build(BackendCondition second, PoolSnapshot? before) => RoutingSnapshots.Pool(
            settings, id => id == "web-1" ? second : Up, _ => before?.Backends[1].Traffic ?? new BackendTraffic(), cursor, before);
        PoolSnapshot up = Build(Up, null);
        PoolSnapshot sameTurns = Build(Up with { Since = DateTimeOffset.UnixEpoch }, up);
        Assert.Same(up.Rotation, sameTurns.Rotation);
        Assert.Same(up.Backends[0], sameTurns.Backends[0]);
        Assert.NotSame(up.Backends[1], sameTurns.Backends[1]);
        Assert.Same(up.Backends[1].Traffic, sameTurns.Backends[1].Traffic);

        PoolSnapshot down = Build(Down, up);
        Assert.Equal([0, 2], down.Rotation.WholeOrder());
        Assert.Same(up.Backends[2], down.Backends[2]);
    }

    private static BackendCondition Conditions(BackendHealth health, OperatorState state, bool over, bool open, int at, int share)
    {
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddDays(at);
        return new BackendCondition(health, time, state, at == 0 ? null : time, over, share / 3.0, open)
        {
            WhyDown = at == 0 ? null : $"why {at}",
            Decision = at == 0 ? null : new OperatorDecision(new BackendName("web", "web-0"), state, time, (uint)at, "node-1"),
        };
    }

    private static PoolSnapshot Snapshot(WhenAllDown whenAllDown, params BackendCondition[] conditions)
    {
        PoolSettings settings = Pools.Web([.. conditions.Select((_, i) => $"web-{i}")]) with { WhenAllDown = whenAllDown };
        return RoutingSnapshots.Pool(settings, id => conditions[int.Parse(id[4..])], _ => new BackendTraffic(), new RotationCursor());
    }
}
