using ActorLb.Node.Supervision;
using Xunit;

namespace ActorLb.Tests.Supervision;

public sealed class RestartStateTests
{
    private static readonly TimeSpan Now = TimeSpan.FromHours(1);

    [Fact]
    public void The_first_failure_is_no_reason_to_wait() => Assert.Equal(TimeSpan.Zero, default(RestartState).Failed(Now).Pause);

    [Fact]
    public void Each_further_one_doubles_the_pause_up_to_its_limit()
    {
        RestartState state = default;
        var pauses = new List<double>();
        for (int i = 0; i < 10; i++)
        {
            state = state.Failed(Now);
            pauses.Add(state.Pause.TotalMilliseconds);
        }

        Assert.Equal([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000], pauses);
    }

    [Fact]
    public void That_it_lasts_is_said_once_in_a_row()
    {
        RestartState state = default;
        int said = 0;
        for (int i = 0; i < 100; i++)
        {
            state = state.Failed(Now);
            said += state.BeginsToLast ? 1 : 0;
        }

        Assert.Equal(1, said);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 1)]
    public void An_actor_that_has_worked_for_long_enough_has_recovered(int ticksAfter, int failures)
    {
        RestartState twice = default(RestartState).Failed(Now).Failed(Now);
        Assert.Equal(failures, twice.Failed(Now + RestartState.Calm + TimeSpan.FromTicks(ticksAfter)).Failures);
    }
}
