using System.Net;
using System.Net.WebSockets;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Clients without a cookie jar carry their ticket in a header.</summary>
public abstract class TicketHeaderTests(ListenerEngine engine)
{
    private static readonly LaneOptions Header = new() { Affinity = AffinityMode.Header };

    [Fact]
    public async Task The_answer_tells_the_ticket_and_whoever_sends_it_back_stays_while_others_rotate()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Header, a.Address, b.Address);
        (string home, string? ticket) = await AskAsync(lane, null);

        for (int i = 0; i < 5; i++)
        {
            await AskAsync(lane, null);
            (string again, string? fresh) = await AskAsync(lane, ticket);
            Assert.Equal(home, again);
            Assert.Null(fresh);
        }

        Assert.NotEmpty(b.Seen);
    }

    [Fact]
    public async Task There_is_no_cookie_and_a_ticket_in_one_is_none()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Header, a.Address);
        (_, string? ticket) = await AskAsync(lane, null);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/", "ALB=" + ticket);

        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.NotNull(TicketOf(answer));
        Assert.Equal("ALB=" + ticket, a.Seen.Last()["Cookie"]);
    }

    [Theory]
    [InlineData("X-Session")]
    [InlineData("x-session")]
    [InlineData("X_Session")]
    public async Task The_ticket_goes_to_no_backend_under_any_name_that_reads_like_its_own(string name)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Header, a.Address);
        (_, string? ticket) = await AskAsync(lane, null);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\nX-Other: 1\r\n{name}: {ticket}\r\nX-Sessions: 2\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(a.Seen.Last().Headers, f => f.Key.Replace('_', '-').Equals("X-Session", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(("1", "2"), (a.Seen.Last()["X-Other"], a.Seen.Last()["X-Sessions"]));
    }

    [Fact]
    public async Task A_backend_does_not_speak_in_the_header_of_tickets()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(context =>
        {
            context.Response.Headers["X-Session"] = "of-the-backend";
            context.Response.Headers["X-Other"] = "1";
            return Task.CompletedTask;
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Header, a.Address);

        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        (_, string? none) = await AskAsync(lane, TicketOf(first));

        Assert.Equal(68, TicketOf(first)!.Length);
        Assert.Null(none);
        Assert.Equal("1", first.Headers.GetValues("X-Other").Single());
    }

    public static TheoryData<string> HostileFields() => new()
    {
        "X-Session: " + new string('A', 68),
        "X-Session:",
        "X-Session: x",
        "X-Session: x, y",
        "X-Session: " + new string('x', 8192),
        "X-Session: \u00e4\u00f6\u00fc",
        "X-Session: a\r\nX-Session: b",
        "X-Session: \"quoted\"",
    };

    [Theory]
    [MemberData(nameof(HostileFields))]
    public async Task A_hostile_field_is_no_ticket_and_is_counted(string fields)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Header, a.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\n{fields}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("X-Session: ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(a.Address.Authority, answer, StringComparison.Ordinal);
        Assert.NotEqual(0, lane.Plane.SessionCounters.Refused);
    }

    [Theory]
    [InlineData("X-Session: TICKET\r\nX-Session: TICKET")]
    [InlineData("X-Session: TICKET\r\nX-Session: FORGED")]
    [InlineData("X-Session: FORGED, TICKET")]
    [InlineData("x-SESSION:TICKET")]
    public async Task A_genuine_ticket_is_found_whatever_comes_beside_it(string written)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Header, a.Address, b.Address);
        (_, string? ticket) = await AskAsync(lane, null);
        string forged = ticket![..^1] + (ticket[^1] == 'A' ? 'B' : 'A');
        string fields = written.Replace("TICKET", ticket, StringComparison.Ordinal).Replace("FORGED", forged, StringComparison.Ordinal);

        for (int i = 0; i < 3; i++)
        {
            string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\n{fields}\r\nConnection: close\r\n\r\n");
            Assert.DoesNotContain("X-Session", answer, StringComparison.Ordinal);
        }

        Assert.Empty(b.Seen);
    }

    [Theory]
    [InlineData(null, true, "private")]
    [InlineData("no-cache", true, "no-cache, private")]
    [InlineData("private", true, "private")]
    [InlineData("no-store", true, "no-store")]
    [InlineData("public, max-age=60", false, "public, max-age=60")]
    public async Task An_answer_with_a_ticket_is_kept_by_no_cache_for_others(string? control, bool expected, string told)
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(c =>
        {
            if (control is not null)
            {
                c.Response.Headers.CacheControl = control;
            }

            return Task.CompletedTask;
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Header, backend.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(expected, TicketOf(answer) is not null);
        Assert.Equal(told, string.Join(", ", answer.Headers.NonValidated["Cache-Control"]));
    }

    [Fact]
    public async Task A_request_that_is_sent_again_brings_its_ticket_to_no_other_backend()
    {
        SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Header with { ConnectTimeout = TimeSpan.FromSeconds(2) }, a.Address, b.Address);
        (_, string? ticket) = await AskAsync(lane, null);
        await a.DisposeAsync();

        using HttpResponseMessage moved = await SendAsync(lane, ticket);

        Assert.Equal("b", await moved.Content.ReadAsStringAsync());
        Assert.NotEqual(ticket, TicketOf(moved));
        Assert.False(Assert.Single(b.Seen).Headers.ContainsKey("X-Session"));
    }

    [Fact]
    public async Task A_web_socket_brings_and_tells_the_ticket()
    {
        await using SampleBackend a = await WebSocketTests.EchoAsync("a");
        await using SampleBackend b = await WebSocketTests.EchoAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Header, a.Address, b.Address);
        string? ticket = null;
        for (int i = 0; i < 3; i++)
        {
            using var socket = new ClientWebSocket();
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.SetRequestHeader("X-Session", ticket);
            await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);
            Assert.Equal("a:one", await WebSocketTests.EchoAsync(socket, "one"));
            Assert.Equal(i == 0, socket.HttpResponseHeaders!.TryGetValue("X-Session", out IEnumerable<string>? told));
            ticket ??= told!.Single();
            await AskAsync(lane, null);
        }
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task A_signalr_client_without_a_cookie_jar_meets_the_server_that_it_negotiated_with(HttpTransportType transport)
    {
        await using SampleBackend a = await WebSocketTests.HubAsync("a");
        await using SampleBackend b = await WebSocketTests.HubAsync("b");
        await using SampleBackend c = await WebSocketTests.HubAsync("c");
        await using TestLane lane = await TestLane.StartAsync(engine, Header, a.Address, b.Address, c.Address);
        var names = new HashSet<string>();
        for (int i = 0; i < 3; i++)
        {
            // As docs/applications.md says it.
            await using HubConnection connection = new HubConnectionBuilder()
                .WithUrl($"http://{lane.Endpoint}/hub", options =>
                {
                    options.Transports = transport;
                    options.HttpMessageHandlerFactory = _ => new SendsTicketBack(options.Headers) { InnerHandler = TestLane.Handler() };
                })
                .Build();
            await connection.StartAsync();
            string name = await connection.InvokeAsync<string>("Name");
            Assert.Equal(name, await connection.InvokeAsync<string>("Name"));
            names.Add(name);
        }

        Assert.Equal(3, names.Count);
    }

    private static async Task<(string Home, string? Ticket)> AskAsync(TestLane lane, string? ticket)
    {
        using HttpResponseMessage answer = await SendAsync(lane, ticket);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadAsStringAsync(), TicketOf(answer));
    }

    private static Task<HttpResponseMessage> SendAsync(TestLane lane, string? ticket)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (ticket is not null)
        {
            request.Headers.Add("X-Session", ticket);
        }

        return lane.Client.SendAsync(request);
    }

    private static string? TicketOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("X-Session", out IEnumerable<string>? values) ? values.Single() : null;

    private sealed class SendsTicketBack(IDictionary<string, string> headers) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (headers.TryGetValue("X-Session", out string? ticket))
            {
                request.Headers.Remove("X-Session");
                request.Headers.Add("X-Session", ticket);
            }

            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
            if (TicketOf(answer) is { } told)
            {
                headers["X-Session"] = told;
            }

            return answer;
        }
    }
}
