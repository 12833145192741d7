using System.Buffers.Text;
using System.Net;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Tokens;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Dashboard;

public sealed class DashboardSessionsTests
{
    private static readonly AdminToken Ops = new("ops", TokenDigest.Of("a-token-that-may-operate"), AdminRole.Operate);
    private static readonly AdminToken Viewer = new("viewer", TokenDigest.Of("a-token-that-may-look"), AdminRole.Read);
    private static readonly ClusterSecret Secret = new(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    [Fact]
    public void A_cookie_says_whose_token_it_was_and_never_the_token()
    {
        DashboardSessions sessions = Make([Secret]);
        string cookie = sessions.Begin(Viewer);
        DashboardSession session = sessions.Find(cookie)!;
        Assert.Equal((Viewer, _time.GetUtcNow()), (session.Token, session.Begun));
        byte[] bytes = Base64Url.DecodeFromChars(cookie);
        Assert.Equal(-1, bytes.AsSpan().IndexOf(Viewer.Digest.Bytes[..8]));
        Assert.NotEqual(cookie, sessions.Begin(Viewer));
    }

    [Fact]
    public void Each_node_with_the_secret_knows_it_and_no_other()
    {
        string cookie = Make([Secret]).Begin(Ops);
        Assert.Equal(Ops, Make([Secret]).Find(cookie)?.Token);
        Assert.Equal(Ops, Make([Other(9), Secret]).Find(cookie)?.Token);
        Assert.Null(Make([Other(9)]).Find(cookie));
        Assert.Null(Make([]).Find(cookie));
        Assert.Null(Make([Secret], name: "another").Find(cookie));
        Assert.Equal(Make([Secret]).CookieName, Make([Secret]).CookieName);
        Assert.NotEqual(Make([Secret]).CookieName, Make([Secret], name: "another").CookieName);
    }

    [Fact]
    public void The_pages_half_belongs_to_one_session_and_is_known_where_its_cookie_is()
    {
        DashboardSessions sessions = Make([Secret]);
        string cookie = sessions.Begin(Ops), another = sessions.Begin(Ops);
        DashboardSession session = sessions.Find(cookie)!;
        string half = sessions.HalfOf(session);
        Assert.Equal(session, sessions.Find(cookie, half));
        Assert.Null(sessions.Find(another, half));
        Assert.Equal(session, Make([Secret]).Find(cookie, half));
        Assert.Null(Make([Other(9)]).Find(cookie, half));

        // Secrets are replaced node by node, and a session goes on meanwhile with whichever half the page has.
        Assert.Equal(session, Make([Other(9), Secret]).Find(cookie, half));
        Assert.Equal(session, Make([Secret, Other(9)]).Find(cookie, Make([Other(9), Secret]).HalfOf(session)));
        _time.Advance(DashboardSessions.Renewal);
        Assert.NotNull(sessions.Find(sessions.Renew(session)!, half));
    }

    [Fact]
    public void A_half_that_is_cut_or_longer_or_of_which_a_bit_is_another_one_is_none()
    {
        DashboardSessions sessions = Make([Secret]);
        string cookie = sessions.Begin(Ops);
        string half = sessions.HalfOf(sessions.Find(cookie)!);
        byte[] bytes = Base64Url.DecodeFromChars(half);
        Assert.Equal(32, bytes.Length);
        for (int i = 0; i < bytes.Length * 8; i++)
        {
            byte[] forged = [.. bytes];
            forged[i / 8] ^= (byte)(1 << (i % 8));
            Assert.Null(sessions.Find(cookie, Base64Url.EncodeToString(forged)));
        }

        for (int length = 0; length < half.Length; length++)
        {
            Assert.Null(sessions.Find(cookie, half[..length]));
        }

        Assert.Null(sessions.Find(cookie, half + "A"));
        Assert.Null(sessions.Find(cookie, "1"));
        Assert.DoesNotContain(half, cookie, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_secret_each_node_has_a_key_of_its_own()
    {
        DashboardSessions one = Make([]), other = Make([]);
        string cookie = one.Begin(Ops);
        Assert.NotNull(one.Find(cookie));
        Assert.Null(other.Find(cookie));
        Assert.NotEqual(one.CookieName, other.CookieName);
    }

    [Fact]
    public void A_cookie_of_which_a_bit_is_another_one_is_none()
    {
        DashboardSessions sessions = Make([Secret]);
        byte[] bytes = Base64Url.DecodeFromChars(sessions.Begin(Ops));
        for (int i = 0; i < bytes.Length * 8; i++)
        {
            byte[] forged = [.. bytes];
            forged[i / 8] ^= (byte)(1 << (i % 8));
            Assert.Null(sessions.Find(Base64Url.EncodeToString(forged)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("not a cookie at all, but as long as one is: ____________________________")]
    public void What_is_no_cookie_of_ours_is_none(string text) => Assert.Null(Make([Secret]).Find(text));

    [Fact]
    public void A_cut_or_longer_cookie_is_none()
    {
        DashboardSessions sessions = Make([Secret]);
        string cookie = sessions.Begin(Ops);
        for (int length = 0; length < cookie.Length; length++)
        {
            Assert.Null(sessions.Find(cookie[..length]));
        }

        Assert.Null(sessions.Find(cookie + "A"));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Who_is_not_heard_of_for_half_an_hour_is_logged_out(int seconds, bool isIn)
    {
        DashboardSessions sessions = Make([Secret]);
        string cookie = sessions.Begin(Ops);
        _time.Advance(DashboardSessions.Idle + TimeSpan.FromSeconds(seconds));
        Assert.Equal(isIn, sessions.Find(cookie) is not null);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void Who_goes_on_using_it_is_logged_out_after_twelve_hours(int seconds, bool isIn)
    {
        DashboardSessions sessions = Make([Secret]);
        string cookie = sessions.Begin(Ops);
        DateTimeOffset end = _time.GetUtcNow() + DashboardSessions.Longest + TimeSpan.FromSeconds(seconds);
        DashboardSession? session = sessions.Find(cookie);
        while (session is not null && _time.GetUtcNow() < end)
        {
            TimeSpan left = end - _time.GetUtcNow();
            _time.Advance(left < TimeSpan.FromMinutes(20) ? left : TimeSpan.FromMinutes(20));
            session = sessions.Find(cookie);
            cookie = session is null ? cookie : sessions.Renew(session) ?? cookie;
        }

        Assert.Equal(isIn, session is not null);
    }

    [Fact]
    public void A_cookie_is_renewed_once_a_minute_at_most_and_stays_the_same_session()
    {
        DashboardSessions sessions = Make([Secret]);
        DashboardSession begun = sessions.Find(sessions.Begin(Ops))!;
        Assert.Null(sessions.Renew(begun));
        _time.Advance(DashboardSessions.Renewal);
        DashboardSession renewed = sessions.Find(sessions.Renew(begun)!)!;
        Assert.Equal((begun.Id, begun.Begun, begun.Begun + DashboardSessions.Renewal), (renewed.Id, renewed.Begun, renewed.Used));
    }

    [Fact]
    public void It_ends_with_its_token()
    {
        var tokens = new AdminTokens(Settings(Ops, Viewer));
        DashboardSessions sessions = Make([Secret], tokens: tokens);
        (string ops, string viewer) = (sessions.Begin(Ops), sessions.Begin(Viewer));
        DashboardSession open = sessions.Find(ops)!;

        tokens.Follow(Settings(Viewer));
        Assert.Null(sessions.Find(ops));
        Assert.False(sessions.IsGood(open));
        Assert.NotNull(sessions.Find(viewer));

        // The name again with another token is another token, and less of a role is what holds now.
        tokens.Follow(Settings(Ops with { Digest = TokenDigest.Of("another-token-of-that-name") }, Viewer));
        Assert.Null(sessions.Find(ops));
        tokens.Follow(Settings(Ops with { Role = AdminRole.Read }));
        Assert.Equal(AdminRole.Read, sessions.Find(ops)?.Token.Role);
        Assert.False(sessions.IsGood(open));
    }

    [Fact]
    public void Who_logged_out_is_out_with_every_cookie_of_that_session()
    {
        DashboardSessions sessions = Make([Secret]);
        string cookie = sessions.Begin(Ops), another = sessions.Begin(Ops);
        DashboardSession session = sessions.Find(cookie)!;
        _time.Advance(DashboardSessions.Renewal);
        string renewed = sessions.Renew(session)!;
        sessions.End(session.Id, session.Ends);
        Assert.Null(sessions.Find(cookie));
        Assert.Null(sessions.Find(renewed));
        Assert.False(sessions.IsGood(session));
        Assert.NotNull(sessions.Find(another));
    }

    [Fact]
    public void Those_who_logged_out_are_remembered_within_a_bound_and_until_they_are_too_old()
    {
        var ended = new EndedSessions();
        DateTimeOffset now = _time.GetUtcNow();
        ended.Add("old", now + TimeSpan.FromSeconds(1), now);
        for (int i = 1; i < EndedSessions.Max; i++)
        {
            ended.Add($"{i}", now + TimeSpan.FromMinutes(1 + i), now);
        }

        Assert.True(ended.Contains("old"));
        ended.Add("new", now + TimeSpan.FromHours(12), now + TimeSpan.FromSeconds(1));
        Assert.False(ended.Contains("old"));
        Assert.True(ended.Contains("1"));
        ended.Add("newer", now + TimeSpan.FromHours(12), now + TimeSpan.FromSeconds(1));
        Assert.False(ended.Contains("1"));
        Assert.True(ended.Contains("2") && ended.Contains("new") && ended.Contains("newer"));
    }

    private DashboardSessions Make(ClusterSecret[] secrets, string name = "actorlb", AdminTokens? tokens = null) => new(
        Admin.AdminFixture.Settings("node-1", new IPEndPoint(IPAddress.Loopback, 0), null, "a").Cluster with { Name = name, Secrets = [.. secrets] },
        tokens ?? new AdminTokens(Settings(Ops, Viewer)),
        _time.GetUtcNow);

    private static AdminSettings Settings(params AdminToken[] tokens) => new(new IPEndPoint(IPAddress.Loopback, 0)) { Tokens = [.. tokens] };

    private static ClusterSecret Other(byte first) => new([first, .. new byte[31]]);
}
