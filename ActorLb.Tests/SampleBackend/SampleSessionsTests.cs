using ActorLb.Node.SampleBackend;
using Xunit;

namespace ActorLb.Tests.SampleBackend;

public sealed class SampleSessionsTests
{
    [Fact]
    public void At_the_limit_the_visitors_who_were_away_longest_are_forgotten()
    {
        var clock = new SteppingClock();
        var sessions = new SampleSessions(clock, sessionsMax: 10);
        string[] ids = [.. Enumerable.Range(0, 10).Select(_ => sessions.Visit(null).Id)];
        sessions.Visit(ids[0]);

        sessions.Visit(null);

        Assert.Equal(3, sessions.Visit(ids[0]).Visits);
        Assert.True(sessions.Visit(ids[1]).Stranger);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("ABCDEFABCDEFABCDEFABCDEFABCDEFAB")]
    [InlineData("<script>alert(1)</script>0000000")]
    public void A_cookie_that_no_server_of_ours_made_is_replaced(string? cookie)
    {
        Visit visit = new SampleSessions(TimeProvider.System).Visit(cookie);
        Assert.True(visit.IsNew);
        Assert.False(visit.Stranger);
        Assert.NotEqual(cookie, visit.Id);
    }

    [Fact]
    public void A_login_takes_the_visits_along_and_drops_the_old_id()
    {
        var sessions = new SampleSessions(TimeProvider.System);
        Visit first = sessions.Visit(null);
        string id = sessions.LogIn(first.Id, "Grace");

        Assert.NotEqual(first.Id, id);
        Visit second = sessions.Visit(id);
        Assert.Equal(("Grace", 2), (second.User, second.Visits));
        Assert.Null(sessions.Visit(first.Id).User);
    }

    /// <summary>Every look at it is a second later.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => _now += TimeSpan.FromSeconds(1);
    }
}
