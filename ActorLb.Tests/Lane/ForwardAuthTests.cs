using System.Diagnostics;
using System.Text.RegularExpressions;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Traces;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Routes whose requests a server of the operator's is asked about.</summary>
public abstract class ForwardAuthTests(ListenerEngine engine)
{
    [Fact]
    public async Task A_request_that_may_goes_on_with_what_was_said_of_it_and_without_what_it_said_itself()
    {
        await using SampleBackend asked = await SampleBackend.StartAsync(c =>
        {
            c.Response.Headers["X-User"] = "bob";
            c.Response.Headers["X-Groups"] = new[] { "a", "b" };
            c.Response.Headers["X-Other"] = "not copied";
            return Task.CompletedTask;
        });
        await using var backend = new RawBackend(async c => await c.AnswerAsync((await c.ReadHeadAsync())!));
        await using TestLane lane = await StartAsync(asked.Address, backend.Address);
        string got = await RawClient.ExchangeAsync(
            lane.Endpoint,
            "POST /a?b=c HTTP/1.1\r\nHost: outer.test\r\nx-user: root\r\nX-USER: admin\r\nCookie: s=1\r\nAuthorization: Basic eA==\r\nX-Odd: \u00e9\"\\\r\nAccept-Encoding: gzip\r\nIf-None-Match: x\r\nRange: bytes=0-1\r\nX-Forwarded-Uri: /evil\r\nContent-Length: 2\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n\r\nhi");

        Assert.StartsWith("HTTP/1.1 200", got, StringComparison.Ordinal);
        Assert.Contains("\r\nX-User: bob\r\nX-Groups: a\r\nX-Groups: b\r\n", got, StringComparison.Ordinal);

        // Of a ticket's characters any word may come.
        string told = Regex.Replace(got, "ALB=[^;]*", "");
        Assert.DoesNotContain("root", told, StringComparison.Ordinal);
        Assert.DoesNotContain("admin", told, StringComparison.Ordinal);
        Assert.DoesNotContain("not copied", told, StringComparison.Ordinal);
        SeenRequest question = Assert.Single(asked.Seen);
        Assert.Equal("GET", question.Method);
        Assert.Equal("/check?x=1", question.Target);
        Assert.Equal("POST", question["X-Forwarded-Method"]);
        Assert.Equal("http", question["X-Forwarded-Proto"]);
        Assert.Equal("outer.test", question["X-Forwarded-Host"]);
        Assert.Equal("/a?b=c", question["X-Forwarded-Uri"]);
        Assert.Equal("127.0.0.1", question["X-Forwarded-For"]);
        Assert.Equal("s=1", question["Cookie"]);
        Assert.Equal("Basic eA==", question["Authorization"]);
        Assert.Equal("\u00e9\"\\", question["X-Odd"]);
        Assert.All(["Accept-Encoding", "If-None-Match", "Range", "Content-Length", "X-Hop", "Transfer-Encoding"], name => Assert.Null(question[name]));
    }

    [Fact]
    public async Task The_server_that_is_asked_is_in_the_requests_trace_before_any_attempt()
    {
        const string Client = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using SampleBackend asked = await SampleBackend.StartAsync(_ => Task.CompletedTask);
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine,
            new LaneOptions { Traces = new TraceSettings(1, 1000), Conditions = r => r with { Filters = Asking(new Uri(asked.Address, "/check"), false, TimeSpan.FromSeconds(20)) } },
            backend.Address);
        using var recorder = new SpanRecorder(lane.Plane.Traces.Spans);
        string head = $"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\ntraceparent: {Client}\r\ntracestate: a=1\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 200", await RawClient.ExchangeAsync(lane.Endpoint, head), StringComparison.Ordinal);

        Activity request = Assert.Single(await recorder.RequestsAsync(1));
        SeenRequest question = Assert.Single(asked.Seen);
        Assert.Equal($"00-0af7651916cd43dd8448eb211c80319c-{request.SpanId.ToHexString()}-01", question["traceparent"]);
        Assert.Equal("a=1", question["tracestate"]);
    }

    [Fact]
    public async Task Without_traces_the_server_that_is_asked_gets_what_the_client_says_of_its_own()
    {
        await using SampleBackend asked = await SampleBackend.StartAsync(_ => Task.CompletedTask);
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(asked.Address, backend.Address);
        await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\ntraceparent: x\r\n\r\n");
        Assert.Equal("x", Assert.Single(asked.Seen)["traceparent"]);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(302)]
    public async Task A_refusal_is_the_clients_answer_and_the_backend_hears_nothing(int status)
    {
        await using SampleBackend asked = await SampleBackend.StartAsync(c =>
        {
            c.Response.StatusCode = status;
            c.Response.Headers.WWWAuthenticate = "Basic realm=\"x\"";
            c.Response.Headers.Location = "https://login.test/?back=/";
            c.Response.Headers.SetCookie = new[] { "a=1", "b=2" };
            c.Response.Headers["X-Internal"] = "secret";
            c.Response.ContentType = "text/html";
            return c.Response.WriteAsync("<p>who are you?</p>");
        });
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(asked.Address, backend.Address);
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("<p>who are you?</p>", await answer.Content.ReadAsStringAsync());
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(["a=1", "b=2"], answer.Headers.GetValues("Set-Cookie"));
        Assert.Equal("https://login.test/?back=/", answer.Headers.Location?.OriginalString);
        Assert.Equal(["not-authorized"], answer.Headers.GetValues("X-ActorLb-Reason"));
        Assert.False(answer.Headers.Contains("X-Internal"));
        Assert.Empty(backend.Seen);
    }

    [Theory]
    [InlineData("refuses", false)]
    [InlineData("refuses", true)]
    [InlineData("fails", false)]
    [InlineData("fails", true)]
    [InlineData("silent", false)]
    [InlineData("garbage", false)]
    [InlineData("huge", false)]
    public async Task Where_nobody_can_say_it_is_502_or_open_by_setting(string how, bool passes)
    {
        await using var asked = new RawBackend(async c =>
        {
            await c.ReadHeadAsync();
            switch (how)
            {
                case "fails":
                    await c.WriteAsync("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
                    break;
                case "silent":
                    await c.UntilClosedAsync();
                    break;
                case "garbage":
                    await c.WriteAsync("ICY 200 OK\r\n\r\n");
                    break;
                case "huge":
                    await c.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-User: {new string('u', 10_000)}\r\n\r\n");
                    break;
                default:
                    c.Reset();
                    break;
            }
        });
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(asked.Address, backend.Address, passes, timeout: TimeSpan.FromSeconds(2));
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(passes ? 200 : 502, (int)answer.StatusCode);
        Assert.Equal(passes ? 1 : 0, backend.Seen.Count);
        Assert.Equal(passes, !answer.Headers.TryGetValues("X-ActorLb-Reason", out IEnumerable<string>? why) || why.Single() != "auth-unavailable");
    }

    [Theory]
    [InlineData("Authorization: NTLM TlRMTVNTUAADAAAA")]
    [InlineData("Authorization: Negotiate YII=")]
    [InlineData("Proxy-Authorization: NTLM TlRMTVNTUAADAAAA")]
    public async Task Nobody_gets_the_identity_that_another_client_gave_a_connection(string credentials)
    {
        // As servers with NTLM do: who has proved who he is on a connection is who asks on it.
        await using var asked = new RawBackend(async c =>
        {
            string? who = null;
            while (await c.ReadHeadAsync() is { } head)
            {
                who ??= head.Contains("NTLM", StringComparison.Ordinal) || head.Contains("Negotiate", StringComparison.Ordinal) ? "alice" : null;
                await c.WriteAsync(who is null ? "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n" : $"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-User: {who}\r\n\r\n");
            }
        });
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(asked.Address, backend.Address);

        string alice = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{credentials}\r\n\r\n");
        string mallory = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403", alice, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: connection-auth-refused", alice, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 401", mallory, StringComparison.Ordinal);
        Assert.Empty(backend.Seen);
    }

    [Theory]
    [InlineData("WWW-Authenticate: NTLM\r\n", 502)]
    [InlineData("WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n", 502)]
    [InlineData("WWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic realm=\"x\"\r\n", 401)]
    public async Task A_challenge_that_could_not_be_met_reaches_no_client(string challenges, int status)
    {
        await using var asked = new RawBackend(async c =>
        {
            while (await c.ReadHeadAsync() is not null)
            {
                await c.WriteAsync($"HTTP/1.1 401 No\r\nContent-Length: 0\r\n{challenges}\r\n");
            }
        });
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(asked.Address, backend.Address);

        string got = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status}", got, StringComparison.Ordinal);
        Assert.DoesNotContain("WWW-Authenticate: N", got, StringComparison.Ordinal);
        Assert.Equal(status == 401, got.Contains("WWW-Authenticate: Basic realm=\"x\"", StringComparison.Ordinal));
        Assert.Equal(status == 502, got.Contains("X-ActorLb-Reason: connection-auth-refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_has_his_share_of_questions_under_way_is_refused_and_nobody_else_is(bool passes)
    {
        const int Share = 128;
        int asked = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SampleBackend server = await SampleBackend.StartAsync(async c =>
        {
            if (c.Request.Headers["X-Hold"].Count == 0)
            {
                return;
            }

            if (Interlocked.Increment(ref asked) == Share)
            {
                all.TrySetResult();
            }

            await goesOn.Task;
        });
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine,
            new LaneOptions
            {
                TrustedProxies = [System.Net.IPNetwork.Parse("127.0.0.0/8")],
                Conditions = r => r with { Filters = Asking(new Uri(server.Address, "/check"), passes, TimeSpan.FromSeconds(60)) },
            },
            backend.Address);
        Task<string>[] held = [.. Enumerable.Range(0, Share).Select(_ => AskAsync("10.0.0.1", "X-Hold: 1\r\n"))];
        await all.Task;

        string beyond = await AskAsync("10.0.0.1", "");
        string other = await AskAsync("10.0.0.2", "");
        goesOn.SetResult();

        Assert.StartsWith("HTTP/1.1 503", beyond, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: auth-busy", beyond, StringComparison.Ordinal);
        Assert.Contains("Retry-After: ", beyond, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", other, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(held), a => Assert.StartsWith("HTTP/1.1 200", a, StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 200", await AskAsync("10.0.0.1", ""), StringComparison.Ordinal);

        Task<string> AskAsync(string client, string fields) =>
            RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: {client}\r\n{fields}\r\n");
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_is_asked_about_leaves_nothing_behind()
    {
        var isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SampleBackend asked = await SampleBackend.StartAsync(async _ =>
        {
            isAsked.TrySetResult();
            await goesOn.Task;
        });
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(asked.Address, backend.Address, timeout: TimeSpan.FromSeconds(30));
        using (RawClient client = await RawClient.ConnectAsync(lane.Endpoint))
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await isAsked.Task;
            client.Reset();
        }

        await TestLane.UntilAsync(() => lane.Plane.Connections.Listeners.All(l => l.Value.Open == 0));
        goesOn.SetResult();
        Assert.Equal("a", await lane.GetAsync());
        Assert.Single(backend.Seen);
    }

    [Fact]
    public async Task A_route_that_asks_itself_ends()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        Uri itself = new($"http://{lane.Endpoint}/");
        await lane.ApplyAsync((Topology t) => t with { Routes = [t.Routes[0] with { Filters = Asking(itself, false, TimeSpan.FromSeconds(10)) }] });
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(502, (int)answer.StatusCode);
        Assert.Empty(backend.Seen);
    }

    private static RouteFilterSettings Asking(Uri url, bool passes, TimeSpan timeout) => RouteFilterSettings.None with
    {
        ForwardAuth = new ForwardAuthSettings(url, ["X-User", "X-Groups"], timeout, passes),
    };

    private Task<TestLane> StartAsync(Uri asked, Uri backend, bool passes = false, TimeSpan? timeout = null) => TestLane.StartAsync(
        engine,
        new LaneOptions { Conditions = r => r with { Filters = Asking(new Uri(asked, "/check?x=1"), passes, timeout ?? TimeSpan.FromSeconds(20)) } },
        backend);
}
