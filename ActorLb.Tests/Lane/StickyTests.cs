using System.Net;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class StickyTests(ListenerEngine engine)
{
    [Fact]
    public async Task A_session_stays_on_its_backend_while_others_rotate()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address, b.Address);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        string home = await first.Content.ReadAsStringAsync();
        string ticket = TestLane.TicketOf(first)!;

        for (int i = 0; i < 5; i++)
        {
            await lane.GetAsync();
            using HttpResponseMessage again = await lane.SendAsync(HttpMethod.Get, "/", "other=1; " + ticket);
            Assert.Equal(home, await again.Content.ReadAsStringAsync());
            Assert.Null(TestLane.TicketOf(again));
        }
    }

    [Fact]
    public async Task The_ticket_stands_beside_the_backends_own_cookies()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(context =>
        {
            context.Response.Cookies.Append("one", "1");
            context.Response.Cookies.Append("two", "2");
            return Task.CompletedTask;
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        string[] cookies = [.. response.Headers.GetValues("Set-Cookie").Select(c => c.Split('=')[0])];
        Assert.Equal(["one", "two", "ALB"], cookies);
        Assert.Contains("HttpOnly", response.Headers.GetValues("Set-Cookie").Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_is_to_leave_stays_until_its_moment_then_moves_once_and_its_old_ticket_leads_to_its_new_home()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address, b.Address);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        string home = await first.Content.ReadAsStringAsync();
        Uri left = home == "a" ? a.Address : b.Address;
        string ticket = TestLane.TicketOf(first)!;

        lane.Publish(left, state: OperatorState.Draining, moves: SessionMoves.At(DateTimeOffset.UtcNow.AddHours(1), 1, null));
        Assert.Equal(home, await lane.GetAsync("/", ticket));
        lane.Publish(left, state: OperatorState.Draining, moves: SessionMoves.At(DateTimeOffset.UtcNow.AddSeconds(-1), 1, null));
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage moved = await lane.SendAsync(HttpMethod.Get, "/", ticket);
            Assert.NotEqual(home, await moved.Content.ReadAsStringAsync());
            Assert.NotNull(TestLane.TicketOf(moved));
        }

        Assert.Equal(2u, Assert.Single(lane.Plane.Tables["web"].Provisional).Version);
    }

    [Fact]
    public async Task A_session_whose_backend_refuses_connections_moves_once_and_gets_a_new_ticket()
    {
        SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { ConnectTimeout = TimeSpan.FromSeconds(2) }, a.Address, b.Address);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        string ticket = TestLane.TicketOf(first)!;
        await a.DisposeAsync();

        using HttpResponseMessage moved = await lane.SendAsync(HttpMethod.Get, "/", ticket);

        Assert.Equal("b", await moved.Content.ReadAsStringAsync());
        string newTicket = TestLane.TicketOf(moved)!;
        Assert.NotEqual(ticket, newTicket);
        Assert.Equal("b", await lane.GetAsync(cookie: newTicket));
        Assert.Equal("b", await lane.GetAsync(cookie: ticket));
    }

    public static TheoryData<string> HostileCookies() => new()
    {
        "ALB=" + new string('A', 68),
        "ALB=",
        "ALB",
        "ALB=x",
        "ALB=" + new string('x', 8192),
        "ALB=\u00e4\u00f6\u00fc",
        "\u00ff\u00fe=1; ALB=\u00ff",
        "=; ;;=ALB=; ,",
        "ALB=\"quoted\"; ALB=twice",
    };

    [Theory]
    [MemberData(nameof(HostileCookies))]
    public async Task A_hostile_cookie_is_no_cookie(string cookie)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("Set-Cookie: ALB=", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(a.Address.Authority, answer, StringComparison.Ordinal);

        // The application's own cookies are none of our business: every byte arrives.
        Assert.Equal(cookie, Assert.Single(a.Seen)["Cookie"]);
    }

    public static TheoryData<string> Mutilations() => ["truncated", "first byte", "signature"];

    [Theory]
    [MemberData(nameof(Mutilations))]
    public async Task A_mutilated_ticket_is_no_ticket(string how)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address, b.Address);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        string ticket = TestLane.TicketOf(first)!;
        string headers = how switch
        {
            "truncated" => $"Cookie: {ticket[..^1]}\r\n",
            "first byte" => $"Cookie: ALB=B{ticket[5..]}\r\n",
            _ => $"Cookie: {ticket[..^2]}{(ticket[^2] == 'A' ? 'B' : 'A')}{ticket[^1]}\r\n",
        };
        long refused = lane.Plane.SessionCounters.Refused;

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("Set-Cookie: ALB=", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(ticket, answer, StringComparison.Ordinal);
        Assert.Equal(refused + 1, lane.Plane.SessionCounters.Refused);
        Assert.Single(b.Seen);
    }

    [Theory]
    [InlineData("Cookie: ALB=x; ALB=TICKET")]
    [InlineData("Cookie: ALB=TICKET; ALB=TICKET")]
    [InlineData("Cookie: ALB=TICKET\r\nCookie: ALB=FORGED")]
    [InlineData("Cookie: ALB=FORGED; ALB=x; ALB=\r\nCookie: a=b; ALB=TICKET")]
    [InlineData("Cookie: ALB=\"TICKET\"")]
    [InlineData("Cookie: a=b;\tALB=TICKET")]
    [InlineData("Cookie: ALB = TICKET ; a=b")]
    [InlineData("Cookie: __Secure-ALB=TICKET")]
    public async Task A_genuine_ticket_is_found_however_it_comes_and_whatever_comes_beside_it(string cookies)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address, b.Address);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        string ticket = TestLane.TicketOf(first)!.Split('=')[1];
        string forged = ticket[..^1] + (ticket[^1] == 'A' ? 'B' : 'A');
        string headers = cookies.Replace("TICKET", ticket, StringComparison.Ordinal).Replace("FORGED", forged, StringComparison.Ordinal);

        for (int i = 0; i < 3; i++)
        {
            string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\nConnection: close\r\n\r\n");

            Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("Set-Cookie", answer, StringComparison.Ordinal);
        }

        Assert.Empty(b.Seen);
    }

    [Fact]
    public async Task Two_cookie_headers_reach_the_backend_as_one()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nCookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n\r\n");

        Assert.Equal("a=1; b=2", Assert.Single(a.Seen)["Cookie"]);
    }

    [Fact]
    public async Task Nothing_in_an_answer_names_the_backend()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Text.NamesNoBackend(response, a.Address);
    }
}
