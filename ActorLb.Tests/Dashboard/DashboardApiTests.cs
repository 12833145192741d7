using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Routing;
using ActorLb.Node.Admin;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Events;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Admin;
using ActorLb.Tests.Lane;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Dashboard;

public sealed partial class DashboardApiTests
{
    private const string Look = "a-token-that-may-look";
    private const string Operate = "a-token-that-may-operate";
    private const string Header = "X-ActorLb-Dashboard";

    private static readonly ImmutableArray<AdminToken> Tokens =
    [
        new("grafana", TokenDigest.Of(Look), AdminRole.Read), new("ci", TokenDigest.Of(Operate), AdminRole.Operate),
    ];

    public static TheoryData<string> Files
    {
        get
        {
            var all = new TheoryData<string>();
            foreach (DashboardFile file in DashboardFiles.Load().All)
            {
                all.Add(file.Name);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Each_file_is_served_to_everybody_and_may_run_nothing_but_its_own_scripts(string name)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        using HttpResponseMessage answer = await client.GetAsync(name == DashboardFiles.Page ? "/" : $"/{name}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotEqual("application/octet-stream", answer.Content.Headers.ContentType?.MediaType);
        Dictionary<string, string> policy = Policy(answer);
        Assert.Equal("'none'", policy["default-src"]);
        Assert.Equal(("'self'", "'self'", "'self'", "'self'"), (policy["script-src"], policy["style-src"], policy["connect-src"], policy["img-src"]));
        Assert.Equal(("'none'", "'none'", "'self'"), (policy["base-uri"], policy["frame-ancestors"], policy["form-action"]));
        Assert.Equal(("'script'", "'none'"), (policy["require-trusted-types-for"], policy["trusted-types"]));
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Equal(name == DashboardFiles.Page ? "no-store" : "no-cache", answer.Headers.CacheControl?.ToString());
        Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase) || h.Key == "Set-Cookie");
    }

    [Fact]
    public void No_file_has_an_inline_script_or_style_nor_an_address_of_its_own()
    {
        foreach (DashboardFile file in DashboardFiles.Load().All.Where(f => !f.Name.Contains("vendor/", StringComparison.Ordinal)))
        {
            string text = Encoding.UTF8.GetString(file.Bytes);
            Assert.DoesNotMatch(InlineOrForeign(), text);
        }
    }

    // Behind a prefix of a proxy the page is at /lb/, and all that it asks for has to begin there.
    [Fact]
    public void Whatever_the_page_asks_for_is_relative()
    {
        foreach (DashboardFile file in DashboardFiles.Load().All.Where(f => !f.Name.Contains("vendor/", StringComparison.Ordinal)))
        {
            Assert.DoesNotMatch(FromTheRoot(), Encoding.UTF8.GetString(file.Bytes));
        }
    }

    [Fact]
    public async Task Each_file_that_another_one_names_is_there()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        int named = 0;
        foreach (DashboardFile file in DashboardFiles.Load().All.Where(f => Path.GetExtension(f.Name) is ".html" or ".js"))
        {
            var at = new Uri(new Uri("http://h/"), file.Name == DashboardFiles.Page ? "" : file.Name);
            foreach (Match match in Named().Matches(Encoding.UTF8.GetString(file.Bytes)))
            {
                named++;
                using HttpResponseMessage answer = await client.GetAsync(new Uri(at, match.Groups[1].Value).AbsolutePath);
                Assert.True(answer.IsSuccessStatusCode, $"{file.Name} names {match.Groups[1].Value}");
            }
        }

        Assert.InRange(named, 20, int.MaxValue);
    }

    [Theory]
    [InlineData("/assets/none.js")]
    [InlineData("/assets/")]
    [InlineData("/assets/../index.html")]
    [InlineData("/assets/%2e%2e/index.html")]
    [InlineData("/assets/..%2findex.html")]
    [InlineData("/assets/vendor")]
    public async Task What_is_no_file_of_the_page_is_not_there(string path)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        using HttpResponseMessage answer = await client.GetAsync(new Uri(node.Url, path));
        Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.Unauthorized]);
    }

    [Fact]
    public async Task A_file_that_a_browser_has_is_not_sent_again_and_the_page_always_is()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        using HttpResponseMessage first = await client.GetAsync("/assets/app.js");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/assets/app.js");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage second = await client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        using HttpResponseMessage page = await client.GetAsync("/");
        Assert.Null(page.Headers.ETag);
    }

    [Fact]
    public async Task Where_other_nodes_are_is_told_to_those_who_may_know()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        node.Figures.Now = new GatheredFigures(
            [node.Figures.Now.Nodes[0] with { Node = "node-2", Admin = "http://10.0.0.2:8090/" }, node.Figures.Now.Nodes[0] with { Node = "node-3", Admin = "http://x/; script-src *" }], []);
        using HttpClient client = Client(node);
        Assert.Equal("'self'", Policy(await client.GetAsync("/"))["connect-src"]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Cookie", $"{node.DashboardSessions.CookieName}={node.DashboardSessions.Begin(Tokens[0])}");
        Dictionary<string, string> policy = Policy(await client.SendAsync(request));
        Assert.Equal(("'self' http://10.0.0.2:8090/", "'self'"), (policy["connect-src"], policy["script-src"]));
    }

    [Fact]
    public async Task Who_logs_in_gets_a_cookie_that_no_script_and_no_other_site_gets()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        using HttpResponseMessage answer = await LogInAsync(client, Look);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string[] parts = answer.Headers.GetValues("Set-Cookie").Single().Split("; ");
        Assert.StartsWith($"{node.DashboardSessions.CookieName}=", parts[0], StringComparison.Ordinal);
        Assert.Equal(["httponly", "max-age=43200", "samesite=strict"], parts[1..].Select(p => p.ToLowerInvariant()).Order());
        Assert.Equal(("grafana", "read"), await WhoAsync(answer));
    }

    [Theory]
    [InlineData("https://lb.example.com", "lb.example.com", true)]
    [InlineData("http://lb.example.com", "lb.example.com", false)]
    public async Task Behind_a_proxy_that_ends_TLS_the_cookie_goes_over_TLS_alone(string origin, string host, bool isSecure)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        using HttpResponseMessage answer = await LogInAsync(client, Look, r =>
        {
            r.Headers.Host = host;
            r.Headers.Add("Origin", origin);
            r.Headers.Add("Sec-Fetch-Site", "same-origin");
        });
        Assert.Equal(isSecure, answer.Headers.GetValues("Set-Cookie").Single().Contains("; secure", StringComparison.OrdinalIgnoreCase));
    }

    // Browsers send no Origin with a GET of a page's own.
    [Theory]
    [InlineData("https://lb.example.com", true)]
    [InlineData("http://lb.example.com", false)]
    public async Task A_cookie_that_goes_over_TLS_alone_stays_so_when_it_is_renewed(string origin, bool isSecure)
    {
        var time = new FakeTimeProvider(FakeDesk.Now);
        await using AdminFixture node = AdminFixture.Make(Tokens, time: time);
        await node.Server.StartAsync(CancellationToken.None);
        using HttpClient client = Client(node);
        LogIn logIn = await EnterAsync(client, Look);
        time.Advance(DashboardSessions.Renewal);
        using HttpRequestMessage request = Request("GET", "/caller", logIn);
        request.Headers.Add("X-ActorLb-Page", origin);
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal(isSecure, answer.Headers.GetValues("Set-Cookie").Single().Contains("; secure", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Behind_a_proxy_that_does_not_pass_Host_on_the_refusal_says_what_to_look_at()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        using HttpResponseMessage answer = await LogInAsync(client, Look, r =>
        {
            r.Headers.Add("Origin", "https://lb.example.com");
            r.Headers.Add("Sec-Fetch-Site", "same-origin");
        });
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("a proxy in front must pass Host on", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("wrong", 401)]
    public async Task Who_has_no_token_gets_no_cookie(string? token, int status)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        using HttpResponseMessage answer = await LogInAsync(client, token);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_token_is_guessed_no_faster_by_logging_in()
    {
        await using AdminFixture node = AdminFixture.Make(Tokens, time: new FakeTimeProvider(FakeDesk.Now));
        await node.Server.StartAsync(CancellationToken.None);
        using HttpClient client = Client(node);
        for (int i = 0; i < TokenGuesses.AtOnce; i++)
        {
            using HttpResponseMessage wrong = await LogInAsync(client, "wrong");
            Assert.Equal(401, (int)wrong.StatusCode);
        }

        using HttpResponseMessage late = await LogInAsync(client, Look);
        Assert.Equal(429, (int)late.StatusCode);
    }

    [Fact]
    public async Task A_session_does_what_its_token_may_and_no_more()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        (LogIn look, LogIn operate) = (await EnterAsync(client, Look), await EnterAsync(client, Operate));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, "GET", "/api/v1/status", look));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(client, "POST", "/api/v1/pools/web/backends/a/drain", look));
        Assert.Empty(node.Desk.Taken);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, "POST", "/api/v1/pools/web/backends/a/drain", operate));
        Assert.Single(node.Desk.Taken);
    }

    // A form of another site sends the cookie of a browser that knows no SameSite, and cannot add a field.
    [Theory]
    [InlineData("GET", "/api/v1/status")]
    [InlineData("POST", "/api/v1/pools/web/backends/a/drain")]
    [InlineData("POST", "/log-out")]
    public async Task A_cookie_alone_opens_nothing(string method, string path)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        LogIn logIn = await EnterAsync(client, Operate);
        LogIn other = await EnterAsync(client, Look);
        foreach (string? half in (string?[])[null, "", "1", other.Half, logIn.Half[1..], logIn.Cookie.Split('=')[1]])
        {
            Assert.Equal((half, HttpStatusCode.Unauthorized), (half, await AskAsync(client, method, path, logIn with { Half = half! })));
        }

        Assert.Empty(node.Desk.Taken);
        Assert.NotEqual(HttpStatusCode.Unauthorized, await AskAsync(client, method, path, logIn));
    }

    // Browsers give it to every port of its host, and so to a backend.
    [Theory]
    [InlineData("/api/v1/status")]
    [InlineData("/api/v1/live")]
    [InlineData("/api/v1/events")]
    [InlineData("/api/v1/topology")]
    [InlineData("/metrics")]
    public async Task Who_was_sent_the_cookie_alone_reads_nothing(string path)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        LogIn stolen = await EnterAsync(client, Operate) with { Half = "1" };
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(client, "GET", path, stolen));
        using HttpRequestMessage request = Request("GET", "/caller", stolen);
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal((null, null), await WhoAsync(answer));
        Assert.DoesNotContain("pageHalf", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    // The page of another node of this host shares the cookie; its scripts have nothing of what this one's keep.
    [Fact]
    public async Task Who_logs_in_at_a_second_page_of_this_host_stays_logged_in_at_the_first()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        LogIn first = await EnterAsync(client, Operate);
        using HttpResponseMessage answer = await LogInAsync(client, Operate, r => r.Headers.Add("Cookie", first.Cookie));
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.Equal(first.Half, await HalfAsync(answer));
        using HttpResponseMessage anothers = await LogInAsync(client, Look, r => r.Headers.Add("Cookie", first.Cookie));
        Assert.True(anothers.Headers.Contains("Set-Cookie"));
        Assert.NotEqual(first.Half, await HalfAsync(anothers));
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "http://elsewhere.example")]
    [InlineData("Origin", "null")]
    public async Task A_page_of_another_site_does_nothing_also_with_both(string field, string value)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        LogIn logIn = await EnterAsync(client, Operate);
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(client, "POST", "/api/v1/pools/web/backends/a/drain", logIn, more: r => r.Headers.Add(field, value)));
        Assert.Empty(node.Desk.Taken);
    }

    [Fact]
    public async Task Who_logs_out_is_out_and_the_browser_drops_the_cookie()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        LogIn logIn = await EnterAsync(client, Operate);
        using HttpRequestMessage request = Request("POST", "/log-out", logIn);
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("max-age=0", answer.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(client, "GET", "/api/v1/status", logIn));
    }

    [Fact]
    public async Task A_session_ends_when_its_token_is_revoked_and_so_does_what_it_follows()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        LogIn logIn = await EnterAsync(client, Operate);
        using HttpRequestMessage request = Request("GET", "/api/v1/live", logIn);
        using HttpResponseMessage live = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using Stream stream = await live.Content.ReadAsStreamAsync();
        Assert.NotEqual(0, await stream.ReadAsync(new byte[1]));
        using HttpRequestMessage question = Request("GET", "/api/v1/events", logIn);
        using HttpResponseMessage happening = await client.SendAsync(question, HttpCompletionOption.ResponseHeadersRead);
        await using Stream events = await happening.Content.ReadAsStreamAsync();
        Assert.NotEqual(0, await events.ReadAsync(new byte[1]));

        node.Tokens.Follow(node.Plane.Settings.Admin with { Tokens = [Tokens[0]] });
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(client, "GET", "/api/v1/status", logIn));
        await stream.CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(30));
        node.Events.Note(new EventNote(EventKind.BackendDown, "this is not for him"));
        using var rest = new StreamReader(events);
        Assert.DoesNotContain("this is not for him", await rest.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_needs_a_token_a_page_by_another_name_learns_nothing()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = Client(node);
        foreach (string path in new[] { "/", "/caller", "/api/v1/status" })
        {
            using var rebound = new HttpRequestMessage(HttpMethod.Get, path);
            rebound.Headers.Host = "evil.example";
            using HttpResponseMessage answer = await client.SendAsync(rebound);
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, answer.StatusCode));
            Assert.DoesNotContain(node.Url.Authority, $"{answer.Headers}{await answer.Content.ReadAsStringAsync()}", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Everybody_may_ask_who_he_is_and_learns_no_more()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = Client(node);
        using HttpResponseMessage nobody = await client.GetAsync("/caller");
        Assert.Equal((null, null), await WhoAsync(nobody));
        using HttpRequestMessage request = Request("GET", "/caller", await EnterAsync(client, Operate));
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal(("ci", "operate"), await WhoAsync(answer));
        await using AdminFixture open = await AdminFixture.StartAsync();
        using HttpClient other = Client(open);
        using HttpResponseMessage anybody = await other.GetAsync("/caller");
        Assert.Equal((null, "operate"), await WhoAsync(anybody));
    }

    [Fact]
    public async Task What_happens_is_told_as_messages_of_one_document_each()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Figures.Now = node.Figures.Now with
        {
            Nodes = [node.Figures.Now.Nodes[0] with { Figures = [new FigureReading(FigureSubject.Of(new BackendName("web", "a")), 3, 1, 30, 10, [0, 0, 30])] }],
        };
        JsonElement document = await LiveAsync(node);
        Assert.Equal("node-1", document.GetProperty("node").GetString());
        JsonElement row = document.GetProperty("pools")[0].GetProperty("backends")[0];
        Assert.Equal(("a", 30, 10), (row[0].GetString(), row[6].GetInt32(), row[7].GetInt32()));
        Assert.Equal(17, row.GetArrayLength());
        Assert.InRange(row[16].GetDouble(), row[8].GetDouble(), row[9].GetDouble());
    }

    [Fact]
    public async Task Since_when_something_is_wrong_is_known_although_nobody_looked()
    {
        var time = new FakeTimeProvider(FakeDesk.Now);
        await using AdminFixture node = await AdminFixture.StartAsync(time: time);
        FigureReading Fails(FigureSubject of) => new(of, 0, 0, 100, 50, []);
        int asked = 0;
        node.Figures.OnNow = () => Interlocked.Increment(ref asked);
        node.Figures.Now = node.Figures.Now with
        {
            Nodes = [node.Figures.Now.Nodes[0] with { Figures = [Fails(new FigureSubject(SubjectKind.Pool, "web")), Fails(FigureSubject.Of(new BackendName("web", "a")))] }],
        };

        // Whoever asks a second time has looked once.
        await TestLane.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return Volatile.Read(ref asked) >= 2;
        });
        DateTimeOffset seen = node.Plane.Clock.UtcNow;
        time.Advance(TimeSpan.FromSeconds(4));

        JsonElement trouble = Assert.Single((await LiveAsync(node)).GetProperty("troubles").EnumerateArray());
        Assert.InRange(trouble.GetProperty("since").GetDateTimeOffset(), FakeDesk.Now, seen);
    }

    [Fact]
    public async Task Those_who_follow_beyond_the_bound_are_told_so()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = Client(node);
        var open = new List<HttpResponseMessage>();
        for (int i = 0; i < LiveFeed.FollowersMax; i++)
        {
            open.Add(await client.GetAsync("/api/v1/live", HttpCompletionOption.ResponseHeadersRead));
        }

        using HttpResponseMessage late = await client.GetAsync("/api/v1/live", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(503, (int)late.StatusCode);
        Assert.Contains("too-many-followers", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        open.ForEach(o => o.Dispose());
    }

    [Theory]
    [InlineData("?last=9s")]
    [InlineData("?last=25h")]
    [InlineData("?last=soon")]
    [InlineData("?pool=web&route=*/")]
    [InlineData("?listener=http")]
    [InlineData("?backend=a")]
    [InlineData("?session=danced")]
    public async Task What_is_not_kept_is_refused(string query)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = Client(node);
        using HttpResponseMessage answer = await client.GetAsync($"/api/v1/figures{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("?last=10m", SubjectKind.Node, "", "", 1, 600)]
    [InlineData("?last=601s&pool=web", SubjectKind.Pool, "web", "", 10, 60)]
    [InlineData("?pool=web&backend=a", SubjectKind.Backend, "web", "a", 10, 360)]
    [InlineData("?last=24h&session=moved-down", SubjectKind.Sessions, "MovedDown", "", 10, 8640)]
    public async Task What_happened_is_asked_for_by_its_subject_and_its_span(string query, object kind, string name, string id, int seconds, int count)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        AskSlots? asked = null;
        node.Figures.Slots = a =>
        {
            asked = a;
            Figure[] slots = [.. Enumerable.Repeat(new Figure(2, 1, (Half)1, (Half)2, Half.NaN), a.Count)];
            return new GatheredSlots(a, [new SlotsAtNode("node-1", [.. slots], null), new SlotsAtNode("node-2", [.. slots], null), new SlotsAtNode("node-3", [], null)], ["node-4"]);
        };
        using HttpClient client = Client(node);
        JsonElement got = JsonDocument.Parse(await client.GetStringAsync($"/api/v1/figures{query}")).RootElement;
        Assert.Equal((new FigureSubject((SubjectKind)kind, name, id), seconds, count), (asked!.Subject, asked.Seconds, asked.Count));
        Assert.Equal((4, 2, 1.0), (got.GetProperty("requests")[0].GetInt32(), got.GetProperty("failures")[0].GetInt32(), got.GetProperty("p50")[0].GetDouble()));
        Assert.Equal(JsonValueKind.Null, got.GetProperty("p99")[0].ValueKind);
        Assert.Equal("node-4", got.GetProperty("notCounted")[0].GetString());
    }

    [Fact]
    public async Task The_row_of_a_backend_that_is_slower_than_its_peers_says_so()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Publish(_ => new BackendCondition(BackendHealth.Up, FakeDesk.Now, OperatorState.Ready, null, false, 1));
        node.Figures.Now = node.Figures.Now with { Nodes = [node.Figures.Now.Nodes[0] with { Figures = [Answers("a", 1500), Answers("b", 4)] }] };
        JsonElement backends = (await LiveAsync(node)).GetProperty("pools")[0].GetProperty("backends");
        Assert.Equal([$"slow: half of its answers begin after 1.5 s, the others' after {SlowBackend.Said(backends[1][8].GetDouble())}", ""], backends.EnumerateArray().Select(b => b[15].GetString()));

        static FigureReading Answers(string id, int milliseconds)
        {
            long[] latencies = new long[LatencyBounds.Count];
            latencies[LatencyBuckets.IndexOf(milliseconds * TimeSpan.TicksPerMillisecond)] = 20;
            return new FigureReading(FigureSubject.Of(new BackendName("web", id)), 0, 0, 20, 0, [.. latencies]);
        }
    }

    [Fact]
    public async Task A_backend_is_shown_as_all_nodes_see_it()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Figures.Now = node.Figures.Now with
        {
            Nodes = [node.Figures.Now.Nodes[0] with { Strained = [new StrainedBackend(new BackendName("web", "a"), 4, 1, "connects failed", true, FakeDesk.Now)] }],
        };
        node.Figures.Failures =
        [
            new FailuresAtNode("lb1", [new FailureNote(FakeDesk.Now.AddSeconds(-0.5), "r-1", "backend-timeout", 0)]),
            new FailuresAtNode("lb2", [.. Enumerable.Range(0, FailureNotes.Kept).Select(i => new FailureNote(FakeDesk.Now.AddSeconds(1 - i), $"s-{i}", "", 500))]),
        ];
        using HttpClient client = Client(node);
        JsonElement got = JsonDocument.Parse(await client.GetStringAsync("/api/v1/pools/web/backends/a")).RootElement;
        Assert.Equal(
            ["lb2 s-0 null 500", "lb2 s-1 null 500", "lb1 r-1 \"backend-timeout\" null"],
            got.GetProperty("lastFailures").EnumerateArray().Take(3)
                .Select(f => $"{f.GetProperty("node")} {f.GetProperty("requestId")} {f.GetProperty("reason").GetRawText()} {f.GetProperty("status").GetRawText()}"));
        Assert.Equal(FailureNotes.Kept, got.GetProperty("lastFailures").GetArrayLength());
        Assert.Equal("http://127.0.0.1:9001", got.GetProperty("backend").GetProperty("address").GetString());
        JsonElement at = got.GetProperty("nodes")[0];
        Assert.Equal((4, "connects failed", true), (at.GetProperty("waiting").GetInt32(), at.GetProperty("circuit").GetString(), at.GetProperty("ejects").GetBoolean()));
        Assert.Equal(404, (int)(await client.GetAsync("/api/v1/pools/web/backends/z")).StatusCode);
        Assert.Equal(404, (int)(await client.GetAsync("/api/v1/pools/none/backends/a")).StatusCode);
    }

    /// <summary>What a browser keeps.</summary>
    private sealed record LogIn(string Cookie, string Half);

    // Cookies are the test's own.
    private static HttpClient Client(AdminFixture node) => new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = node.Url };

    private static async Task<JsonElement> LiveAsync(AdminFixture node)
    {
        using HttpClient client = Client(node);
        await using Stream stream = await client.GetStreamAsync("/api/v1/live");
        using var reader = new StreamReader(stream);
        string line = (await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)))!;
        return JsonDocument.Parse(line["data: ".Length..]).RootElement.Clone();
    }

    private static Dictionary<string, string> Policy(HttpResponseMessage answer) => answer.Headers.GetValues("Content-Security-Policy").Single()
        .Split(';', StringSplitOptions.TrimEntries).Select(d => d.Split(' ', 2)).ToDictionary(d => d[0], d => d[1]);

    private static async Task<(string? Name, string? Role)> WhoAsync(HttpResponseMessage answer)
    {
        JsonElement who = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        return (who.GetProperty("name").GetString(), who.GetProperty("role").GetString());
    }

    private static async Task<HttpResponseMessage> LogInAsync(HttpClient client, string? token, Action<HttpRequestMessage>? more = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/log-in");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        more?.Invoke(request);
        return await client.SendAsync(request);
    }

    private static async Task<LogIn> EnterAsync(HttpClient client, string token)
    {
        using HttpResponseMessage answer = await LogInAsync(client, token);
        return new LogIn(answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0], await HalfAsync(answer));
    }

    private static async Task<string> HalfAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("pageHalf").GetString()!;

    private static HttpRequestMessage Request(string method, string path, LogIn logIn)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Cookie", logIn.Cookie);
        if (logIn.Half is not null)
        {
            request.Headers.Add(Header, logIn.Half);
        }

        return request;
    }

    private static async Task<HttpStatusCode> AskAsync(
        HttpClient client, string method, string path, LogIn logIn, Action<HttpRequestMessage>? more = null)
    {
        using HttpRequestMessage request = Request(method, path, logIn);
        more?.Invoke(request);
        using HttpResponseMessage answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    [GeneratedRegex("""<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=["']|\son[a-z]+=["']|https?://(?!www\.w3\.org/2000/svg)|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function""")]
    private static partial Regex InlineOrForeign();

    [GeneratedRegex("""(?:src|href)="/|(?:ask|fetch|follow|import)\(\s*[`"']/|from\s+["']/|location\s*=\s*["']/|url\(["']?/""")]
    private static partial Regex FromTheRoot();

    [GeneratedRegex("""(?:src|href|from)\s*=?\s*"([^"#{$]+\.(?:js|css|svg))""")]
    private static partial Regex Named();
}
