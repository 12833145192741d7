using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Node.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Tests.Health;
using Xunit;

namespace ActorLb.Tests.Routing;

public sealed class PoolStateTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_slow_start_ramps_in_ten_steps_after_down_to_up()
    {
        PoolState state = Start(TimeSpan.FromSeconds(100))
            .WithHealth("a", BackendHealth.Down, Now)
            .WithHealth("a", BackendHealth.Up, Now);
        Assert.Equal(0.1, state.ConditionOf("a", Now).SlowStartShare);
        Assert.Equal(0.1, state.ConditionOf("a", Now.AddSeconds(19)).SlowStartShare);
        Assert.Equal(0.2, state.ConditionOf("a", Now.AddSeconds(20)).SlowStartShare);
        Assert.Equal(0.9, state.ConditionOf("a", Now.AddSeconds(99)).SlowStartShare);
        Assert.Equal(1, state.ConditionOf("a", Now.AddSeconds(100)).SlowStartShare);
        Assert.Equal(Now.AddSeconds(20), state.NextChange(Now));
        Assert.Equal(Now.AddSeconds(30), state.NextChange(Now.AddSeconds(20)));
        Assert.Equal(Now.AddSeconds(100), state.NextChange(Now.AddSeconds(99)));
        Assert.Null(state.NextChange(Now.AddSeconds(100)));
    }

    [Fact]
    public void Following_the_announced_changes_sees_every_step()
    {
        PoolState state = Start(TimeSpan.FromSeconds(7))
            .WithHealth("a", BackendHealth.Down, Now)
            .WithHealth("a", BackendHealth.Up, Now);
        var shares = new List<double>();
        for (DateTimeOffset? at = Now; at is not null; at = state.NextChange(at.Value))
        {
            shares.Add(state.ConditionOf("a", at.Value).SlowStartShare);
        }

        Assert.Equal([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], shares);
    }

    [Fact]
    public void A_backend_that_comes_up_from_unknown_takes_its_full_share_at_once()
    {
        PoolState state = Start(TimeSpan.FromSeconds(100)).WithHealth("a", BackendHealth.Up, Now);
        Assert.Equal(1, state.ConditionOf("a", Now).SlowStartShare);
        Assert.Null(state.NextChange(Now));
    }

    [Fact]
    public void Hearing_the_same_health_again_does_not_restart_the_ramp()
    {
        PoolState state = Start(TimeSpan.FromSeconds(100))
            .WithHealth("a", BackendHealth.Down, Now)
            .WithHealth("a", BackendHealth.Up, Now)
            .WithHealth("a", BackendHealth.Up, Now.AddSeconds(50));
        Assert.Equal(0.5, state.ConditionOf("a", Now.AddSeconds(50)).SlowStartShare);
    }

    [Fact]
    public void A_drain_is_over_at_its_deadline_and_not_before()
    {
        PoolState state = Start(TimeSpan.Zero).WithDecisions(Decided("a", OperatorState.Draining, Now.AddMinutes(5)));
        Assert.Equal(Now.AddMinutes(5), state.NextChange(Now));
        Assert.False(state.ConditionOf("a", Now.AddMinutes(5).AddTicks(-1)).DrainOver);
        Assert.True(state.ConditionOf("a", Now.AddMinutes(5)).DrainOver);
        Assert.Null(state.NextChange(Now.AddMinutes(5)));
    }

    [Fact]
    public void A_deadline_is_of_the_time_that_the_nodes_agree_on()
    {
        PoolState state = Start(TimeSpan.Zero).WithDecisions(Decided("a", OperatorState.Draining, Now.AddMinutes(5)))
            with { ClockAhead = TimeSpan.FromHours(1) };
        Assert.Equal(Now.AddMinutes(65), state.NextChange(Now.AddHours(1)));
        Assert.True(state.AwaitsDeadline(Now.AddMinutes(65).AddTicks(-1)));
        Assert.False(state.ConditionOf("a", Now.AddMinutes(65).AddTicks(-1)).DrainOver);
        Assert.True(state.ConditionOf("a", Now.AddMinutes(65)).DrainOver);
        Assert.Equal(Now.AddMinutes(5), state.ConditionOf("a", Now).DrainDeadline);
    }

    [Fact]
    public void A_backend_that_its_name_left_drains_for_the_pools_deadline_unless_the_operator_says_otherwise()
    {
        PoolState state = Start(TimeSpan.Zero);
        state = state with { Settings = state.Settings with { DrainDeadline = TimeSpan.FromMinutes(5) } };
        PoolState left = state.WithSettings(state.Settings with { Backends = [state.Settings.Backends[0] with { LeftAt = Now, TakesNewSessions = false }, state.Settings.Backends[1]] }, Now);
        Assert.Equal((OperatorState.Draining, Now.AddMinutes(5), false), Drain(left, Now));
        Assert.Equal((OperatorState.Draining, Now.AddMinutes(5), true), Drain(left, Now.AddMinutes(5)));
        Assert.Equal(Now.AddMinutes(5), left.NextChange(Now));

        PoolState longer = left.WithDecisions(Decided("a", OperatorState.Draining, Now.AddHours(1)));
        Assert.Equal((OperatorState.Draining, Now.AddHours(1), false), Drain(longer, Now.AddMinutes(5)));
        PoolState ready = left.WithDecisions(Decided("a", OperatorState.Ready, null));
        Assert.Equal((OperatorState.Draining, Now.AddMinutes(5), false), Drain(ready, Now));
        PoolState taken = left.WithDecisions(Decided("a", OperatorState.Maintenance, null));
        Assert.Equal((OperatorState.Maintenance, null, false), Drain(taken, Now));

        PoolState back = left.WithSettings(state.Settings, Now);
        Assert.Equal((OperatorState.Ready, null, false), Drain(back, Now));
        PoolState without = (left with { Settings = left.Settings with { DrainDeadline = TimeSpan.Zero } }).WithDecisions(ImmutableDictionary<BackendName, OperatorDecision>.Empty);
        Assert.Equal((OperatorState.Draining, null, false), Drain(without, Now.AddDays(9)));
    }

    [Fact]
    public void The_next_change_is_the_earliest_of_all()
    {
        PoolState state = Start(TimeSpan.FromSeconds(100))
            .WithDecisions(Decided("b", OperatorState.Draining, Now.AddSeconds(5)))
            .WithHealth("a", BackendHealth.Down, Now)
            .WithHealth("a", BackendHealth.Up, Now);
        Assert.Equal(Now.AddSeconds(5), state.NextChange(Now));
        Assert.Equal(Now.AddSeconds(20), state.NextChange(Now.AddSeconds(5)));
    }

    [Fact]
    public void A_backend_withtakena_decision_is_ready_again()
    {
        PoolState state = Start(TimeSpan.Zero).WithDecisions(Decided("a", OperatorState.Maintenance, null));
        Assert.Equal(OperatorState.Maintenance, state.ConditionOf("a", Now).Operator);
        state = state.WithDecisions(ImmutableDictionary<BackendName, OperatorDecision>.Empty);
        Assert.Equal(OperatorState.Ready, state.ConditionOf("a", Now).Operator);
    }

    [Fact]
    public void A_pool_is_judged_when_its_last_unknown_backend_is()
    {
        PoolState state = Start(TimeSpan.Zero).WithHealth("a", BackendHealth.Down, Now);
        Assert.False(state.IsJudged);
        Assert.True(state.WithHealth("b", BackendHealth.Up, Now).IsJudged);
    }

    private static ImmutableDictionary<BackendName, OperatorDecision> Decided(string id, OperatorState state, DateTimeOffset? deadline)
    {
        var name = new BackendName("web", id);
        return ImmutableDictionary<BackendName, OperatorDecision>.Empty.Add(name, new(name, state, deadline, 1, "node-1"));
    }

    private static (OperatorState Operator, DateTimeOffset? Deadline, bool IsOver) Drain(PoolState state, DateTimeOffset now)
    {
        var condition = state.ConditionOf("a", now);
        return (condition.Operator, condition.DrainDeadline, condition.DrainOver);
    }

    private static PoolState Start(TimeSpan slowStart)
    {
        var plane = new DataPlane(Pools.Node("node-1", "unused", Pools.Web("a", "b") with { SlowStart = slowStart }), new ManualTime());
        return PoolState.From(plane.Routing.Pools["web"]);
    }
}
