using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Backends;
using Xunit;

namespace ActorLb.Tests.Forwarding;

public sealed class IdleLimitStateTests
{
    [Fact]
    public void Without_news_connections_are_kept_for_as_long_as_it_is_configured()
    {
        Assert.Equal(4000, IdleLimitState.Unknown.Keep(4000, now: 0));
        Assert.Equal(long.MaxValue, IdleLimitState.Unknown.Keep(0, now: 0));
        Assert.Equal(IdleLimitState.UnrepeatableMax, IdleLimitState.Unknown.KeepForUnrepeatable);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 4000)]
    [InlineData(1, 4000)]
    public void A_backend_that_spoke_unasked_keeps_no_connection_for_a_while(int more, long kept) => Assert.Equal(
        kept, IdleLimitState.Unknown.AfterSpoken(1000).Keep(4000, now: 1000 + IdleLimitState.MistrustTime + more));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 750)]
    [InlineData(5, 3750)]
    [InlineData(60, 4000)]
    public void A_backend_that_tells_its_time_is_believed_with_a_margin(int seconds, long kept)
    {
        IdleLimitState told = IdleLimitState.Unknown.AfterTold(1000L * seconds);
        Assert.Equal(kept, told.Keep(4000, now: 0));
        Assert.Equal(1000L * seconds - Math.Min(1000L * seconds, Math.Clamp(250L * seconds, 200, 2000)), told.KeepForUnrepeatable);
    }

    [Fact]
    public void A_backend_that_closes_early_is_closed_earlier_until_it_seems_not_to_any_more()
    {
        IdleLimitState closed = IdleLimitState.Unknown.AfterClosed(2000, now: 1000);
        Assert.Equal(1500, closed.Keep(4000, now: 1000));
        Assert.Equal(3000, closed.Keep(4000, now: 1000 + IdleLimitState.DoublingTime));
        Assert.Equal(4000, closed.Keep(4000, now: 1000 + (2 * IdleLimitState.DoublingTime)));
        Assert.Equal(1500, closed.AfterClosed(2100, now: 1000).Keep(4000, now: 1000));
        IdleLimitState again = closed.AfterClosed(2000, now: 1000 + IdleLimitState.DoublingTime);
        Assert.Equal(1500, again.Keep(4000, now: 1000 + IdleLimitState.DoublingTime));
    }

    [Fact]
    public void Requests_that_cannot_be_sent_again_do_not_try_whether_it_still_does()
    {
        IdleLimitState closed = IdleLimitState.Unknown.AfterClosed(800, now: 0);
        Assert.Equal(600, closed.KeepForUnrepeatable);
        Assert.Equal(IdleLimitState.Shortest, closed.AfterClosed(3, now: 0).KeepForUnrepeatable);
    }

    [Fact]
    public void What_all_loops_learn_is_one_thing()
    {
        var limit = new IdleLimit();
        limit.Told(5);
        IdleLimitState told = limit.State;
        limit.Told(5);
        Assert.Same(told, limit.State);
        limit.ClosedAfter(2000, now: 0);
        Assert.Equal((3750, 1500), (limit.State.Told, limit.State.ClosedAfter));
        limit.Told(long.MaxValue);
        Assert.Equal(86_400_000 - 2000, limit.State.Told);
    }

    [Theory]
    [InlineData("timeout=5", 5)]
    [InlineData("timeout=5, max=100", 5)]
    [InlineData("max=100 ,\tTimeout = \"15\"", 15)]
    [InlineData("timeout=0", 0)]
    [InlineData("timeout=9999999", 9_999_999)]
    [InlineData("timeout=99999999", null)]
    [InlineData("timeout=", null)]
    [InlineData("timeout=-5", null)]
    [InlineData("timeout", null)]
    [InlineData("max=100", null)]
    [InlineData("", null)]
    [InlineData(",,=,", null)]
    public void The_field_is_read_as_servers_write_it(string field, int? seconds) =>
        Assert.Equal(seconds, KeepAliveTimeout.Read(Encoding.ASCII.GetBytes(field)));
}
