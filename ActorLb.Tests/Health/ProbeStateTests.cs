using ActorLb.Node.Health;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class ProbeStateTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Fast = TimeSpan.FromSeconds(1);

    [Fact]
    public void The_interval_counts_from_start_to_start()
    {
        ProbeState state = default(ProbeState).Begun(Seconds(10)).Ended();
        Assert.Equal(Seconds(1.5), state.Wait(Seconds(10.5), Interval, Fast));
        Assert.Equal(TimeSpan.Zero, state.Wait(Seconds(12), Interval, Fast));
        Assert.Equal(TimeSpan.Zero, state.Wait(Seconds(13), Interval, Fast));
    }

    [Fact]
    public void A_probe_that_is_asked_for_comes_at_once()
    {
        ProbeState state = default(ProbeState).Begun(Seconds(10)).Ended().Requested();
        Assert.Equal(TimeSpan.Zero, state.Wait(Seconds(10.1), Interval, Fast));
    }

    [Fact]
    public void Asked_probes_come_no_more_often_than_the_fast_interval()
    {
        ProbeState state = default(ProbeState).Requested().Begun(Seconds(10)).Ended().Requested();
        Assert.Equal(Seconds(0.9), state.Wait(Seconds(10.1), Interval, Fast));
        state = state.Begun(Seconds(11)).Requested().Requested().Requested().Ended();
        Assert.Equal(Seconds(0.9), state.Wait(Seconds(11.1), Interval, Fast));
    }

    [Fact]
    public void Who_asks_during_a_probe_gets_another_one_after_it()
    {
        ProbeState state = default(ProbeState).Begun(Seconds(10)).Requested();
        Assert.False(state.Asked);
        state = state.Ended();
        Assert.True(state.Asked);
        Assert.Equal(TimeSpan.Zero, state.Wait(Seconds(10.3), Interval, Fast));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
