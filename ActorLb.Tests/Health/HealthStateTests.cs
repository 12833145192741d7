using ActorLb.Node.Health;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class HealthStateTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_first_probe_decides(bool passed)
    {
        HealthState state = HealthState.Unknown.After(passed, timedOut: false, rise: 3, fall: 3);
        Assert.Equal(passed, state.Healthy);
        Assert.False(state.IsChanging);
    }

    [Theory]
    [InlineData(2, null)]
    [InlineData(3, false)]
    public void Timeouts_before_the_first_verdict_are_counted(int timeouts, bool? healthy)
    {
        HealthState state = Enumerable.Range(0, timeouts)
            .Aggregate(HealthState.Unknown, (s, _) => s.After(passed: false, timedOut: true, rise: 2, fall: 3));
        Assert.Equal(healthy, state.Healthy);
        Assert.Equal(healthy is null, state.IsChanging);
        Assert.True(HealthState.Unknown.After(false, timedOut: true, 2, 3).After(true, timedOut: false, 2, 3).Healthy);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    public void It_falls_after_fall_failures_and_not_before(int failures, bool healthy) =>
        Assert.Equal(healthy, Probed(new HealthState(true, 0), Enumerable.Repeat(false, failures), rise: 5, fall: 3).Healthy);

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void It_rises_after_rise_successes_and_not_before(int successes, bool healthy) =>
        Assert.Equal(healthy, Probed(new HealthState(false, 0), Enumerable.Repeat(true, successes), rise: 3, fall: 5).Healthy);

    [Fact]
    public void A_success_in_between_starts_the_count_anew()
    {
        HealthState state = Probed(new HealthState(true, 0), [false, false, true, false, false], rise: 2, fall: 3);
        Assert.True(state.Healthy);
        Assert.True(state.IsChanging);
        Assert.False(state.After(false, timedOut: true, rise: 2, fall: 3).Healthy);
    }

    private static HealthState Probed(HealthState state, IEnumerable<bool> probes, int rise, int fall) =>
        probes.Aggregate(state, (s, passed) => s.After(passed, timedOut: false, rise, fall));
}
