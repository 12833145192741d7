using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
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
        Assert.Equal([0, 3], pool.Rotation.Turns.ToArray());
    }

    [Fact]
    public void While_all_are_unknown_all_are_used()
    {
        Assert.Equal([0, 1], Snapshot(WhenAllDown.Refuse, Unknown, Unknown).Rotation.Turns.ToArray());
        Assert.Equal([1], Snapshot(WhenAllDown.Refuse, Unknown, Up).Rotation.Turns.ToArray());
        Assert.Equal([], Snapshot(WhenAllDown.Refuse, Unknown, Down).Rotation.Turns.ToArray());
    }

    [Fact]
    public void When_all_are_down_nobody_is_used_or_in_panic_mode_everybody_the_operator_left_in()
    {
        BackendCondition maintained = Down with { Operator = OperatorState.Maintenance };
        Assert.Equal([], Snapshot(WhenAllDown.Refuse, Down, Down, maintained).Rotation.Turns.ToArray());
        PoolSnapshot panic = Snapshot(WhenAllDown.TryAll, Down, Down, maintained);
        Assert.Equal([0, 1], panic.Rotation.Turns.ToArray());
        Assert.True(panic.Backends[0].KeepsSessions);
        Assert.False(panic.Backends[2].KeepsSessions);
    }

    [Fact]
    public void A_backend_that_is_up_but_draining_does_not_end_the_panic()
    {
        PoolSnapshot pool = Snapshot(WhenAllDown.TryAll, Up with { Operator = OperatorState.Draining }, Down);
        Assert.Equal([1], pool.Rotation.Turns.ToArray());
        Assert.True(pool.Backends[0].KeepsSessions);
    }

    [Fact]
    public void Circuits_take_nobody_out_where_nobody_else_is_left()
    {
        PoolSnapshot pool = Snapshot(WhenAllDown.Refuse, Up with { CircuitOpen = true }, Up with { CircuitOpen = true }, Down);
        Assert.Equal([0, 1], pool.Rotation.Turns.ToArray());
        Assert.True(pool.Backends[0].KeepsSessions);
        Assert.False(pool.Backends[2].KeepsSessions);
    }

    [Fact]
    public void A_backend_in_slow_start_takes_its_share_of_turns_and_keeps_its_weight()
    {
        PoolSnapshot pool = Snapshot(WhenAllDown.Refuse, Up with { SlowStartShare = 0.2 }, Up);
        Assert.Equal(2, pool.Rotation.Turns.Count(0) * 10 / pool.Rotation.Turns.Count(1));
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

    private static PoolSnapshot Snapshot(WhenAllDown whenAllDown, params BackendCondition[] conditions)
    {
        PoolSettings settings = Pools.Web([.. conditions.Select((_, i) => $"web-{i}")]) with { WhenAllDown = whenAllDown };
        return RoutingSnapshots.Pool(settings, id => conditions[int.Parse(id[4..])], _ => new BackendTraffic(), new RotationCursor());
    }
}
