using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using Xunit;

namespace ActorLb.Tests.Health;

public sealed class ProbeStateTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Fast = TimeSpan.FromSeconds(1);

    [Fact]
    public void The_interval_counts_from_start_to_start()
    {
        ProbeState state = default(ProbeState).Begun(Seconds(10)).Ended(couldNotConnect: false);
        Assert.Equal(Seconds(1.5), state.Wait(Seconds(10.5), Interval, Fast));
        Assert.Equal(TimeSpan.Zero, state.Wait(Seconds(12), Interval, Fast));
        Assert.Equal(TimeSpan.Zero, state.Wait(Seconds(13), Interval, Fast));
    }

    [Fact]
    public void A_probe_that_is_asked_for_comes_at_once()
    {
        ProbeState state = default(ProbeState).Begun(Seconds(10)).Ended(couldNotConnect: false).Requested(ProbeReason.RequestsFailed);
        Assert.Equal(TimeSpan.Zero, state.Wait(Seconds(10.1), Interval, Fast));
    }

    [Fact]
    public void Asked_probes_come_no_more_often_than_the_fast_interval()
    {
        ProbeState state = default(ProbeState).Requested(ProbeReason.RequestsFailed).Begun(Seconds(10)).Ended(couldNotConnect: false).Requested(ProbeReason.RequestsFailed);
        Assert.Equal(Seconds(0.9), state.Wait(Seconds(10.1), Interval, Fast));
        state = state.Begun(Seconds(11)).Requested(ProbeReason.RequestsFailed).Requested(ProbeReason.RequestsFailed).Requested(ProbeReason.RequestsFailed).Ended(couldNotConnect: false);
        Assert.Equal(Seconds(0.9), state.Wait(Seconds(11.1), Interval, Fast));
    }

    [Fact]
    public void Who_asks_during_a_probe_gets_another_one_after_it()
    {
        ProbeState state = default(ProbeState).Begun(Seconds(10)).Requested(ProbeReason.RequestsFailed);
        Assert.False(state.IsAsked);
        state = state.Ended(couldNotConnect: false);
        Assert.True(state.IsAsked);
        Assert.Equal(TimeSpan.Zero, state.Wait(Seconds(10.3), Interval, Fast));
    }

    [Fact]
    public void A_probe_that_failed_connects_asked_for_is_repeated_soon_while_it_cannot_connect()
    {
        ProbeState state = default(ProbeState).Requested(ProbeReason.ConnectsFailed).Begun(Seconds(10)).Ended(couldNotConnect: true);
        Assert.Equal(Seconds(0.09), state.Wait(Seconds(10.01), Interval, Fast));
        state = state.Begun(Seconds(10.1)).Ended(couldNotConnect: true);
        Assert.Equal(Seconds(0.1), state.Wait(Seconds(10.1), Interval, Fast));
        state = state.Begun(Seconds(10.2)).Ended(couldNotConnect: false);
        Assert.Equal(Interval, state.Wait(Seconds(10.2), Interval, Fast));
    }

    [Fact]
    public void No_probe_that_cannot_connect_is_repeated_where_nobody_waits()
    {
        ProbeState state = default(ProbeState).Begun(Seconds(10)).Ended(couldNotConnect: true);
        Assert.Equal(Interval, state.Wait(Seconds(10), Interval, Fast));
        state = state.Requested(ProbeReason.RequestsFailed).Begun(Seconds(10)).Ended(couldNotConnect: true);
        Assert.Equal(Interval, state.Wait(Seconds(10), Interval, Fast));
    }

    [Fact]
    public void Failed_connects_are_asked_for_again_before_the_fast_interval_is_over()
    {
        ProbeState state = default(ProbeState).Requested(ProbeReason.RequestsFailed).Begun(Seconds(10)).Ended(couldNotConnect: false);
        Assert.Equal(Seconds(0.1), state.Requested(ProbeReason.ConnectsFailed).Wait(Seconds(10), Interval, Fast));
        Assert.Equal(Seconds(1), state.Requested(ProbeReason.RequestsFailed).Wait(Seconds(10), Interval, Fast));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
