using System.Text;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What routes do with requests and answers beside choosing their pool.</summary>
public abstract class RouteFilterTests(ListenerEngine engine)
{
    private static readonly RouteFilterSettings Plain = RouteFilterSettings.None;

    [Theory]
    [InlineData("/shop", "", "", "/shop", "/")]
    [InlineData("/shop", "", "", "/shop/", "/")]
    [InlineData("/shop", "", "", "/shop?a=/b", "/?a=/b")]
    [InlineData("/shop", "", "", "/shop/x/%2F?", "/x/%2F?")]
    [InlineData("/shop/", "/v2/", "", "/shop/x", "/v2/x")]
    [InlineData("", "/v2", "", "/shop/x", "/v2/shop/x")]
    [InlineData("", "", "inner.test:81", "/shop/x", "/shop/x")]
    [InlineData("/shop", "/v2", "", "/%73hop/x%2F..y", "/v2/x%2F..y")]
    public async Task A_backend_gets_the_path_and_host_that_its_route_writes(string strip, string prefix, string host, string asked, string seen)
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Rewrite = new RewriteSettings(strip, prefix, host) }, "/shop", backend.Address);
        string got = await GetAsync(lane, asked);

        Assert.Contains($"GET {seen} HTTP/1.1\r\nHost: {(host.Length > 0 ? host : "outer.test")}\r\n", got, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-Host: outer.test\r\n", got, StringComparison.Ordinal);
        Assert.Equal(strip.Length > 0, got.Contains($"X-Forwarded-Prefix: {strip.TrimEnd('/')}\r\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("//shop/x")]
    [InlineData("/./shop/x")]
    [InlineData("/x/../shop")]
    public async Task A_path_that_is_written_otherwise_is_not_stripped_of_something_else(string asked)
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Rewrite = new RewriteSettings("/shop", "", "") }, "/shop", backend.Address);

        Assert.StartsWith("HTTP/1.1 400", await GetAsync(lane, asked), StringComparison.Ordinal);
        Assert.Equal(0, backend.Requests);
    }

    [Theory]
    [InlineData("/shop", "/public", "/shop/../admin")]
    [InlineData("/shop", "/public", "/shop/a/../../../admin")]
    [InlineData("/shop", "/public", "/shop/%2e%2E/admin")]
    [InlineData("/shop", "/public", "/shop/.%2e;x/admin")]
    [InlineData("", "/public", "/shop/../shop/..")]
    [InlineData("/shop", "/public", "/shop/..%2fadmin")]
    [InlineData("/shop", "/public", "/shop/a%2F%2e.%5cadmin")]
    [InlineData("/shop", "/public", "/shop/..\\admin")]
    [InlineData("/shop", "/public", "/shop/..%3bx/admin")]
    [InlineData("/shop", "/public", "/shop/..%00/admin")]
    [InlineData("/shop", "", "/shop/..%2fadmin")]
    public async Task A_path_does_not_lead_out_of_what_its_route_puts_before_it(string strip, string prefix, string asked)
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Rewrite = new RewriteSettings(strip, prefix, "") }, "/", backend.Address);

        Assert.Matches("^HTTP/1.1 (400|404)", await GetAsync(lane, asked));
        Assert.Equal(0, backend.Requests);
    }

    [Theory]
    [InlineData("/my files", "/my%20files/x%20y", "/my%20files", "/x%20y")]
    [InlineData("/ä", "/%c3%a4?q", "/%C3%A4", "/?q")]
    [InlineData("/a%2Fb/", "/a%2fb/c", "/a%2Fb", "/c")]
    public async Task What_stands_encoded_in_paths_is_stripped_as_well(string strip, string asked, string said, string seen)
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Rewrite = new RewriteSettings(strip, "", "") }, strip, backend.Address);
        string got = await GetAsync(lane, asked);

        Assert.Contains($"GET {seen} HTTP/1.1\r\n", got, StringComparison.Ordinal);
        Assert.Contains($"X-Forwarded-Prefix: {said}\r\n", got, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/my files", "/my%20files/a", "/new/a")]
    [InlineData("/ä/", "/%c3%A4/a?b", "/new/a")]
    public async Task What_stands_encoded_in_paths_is_no_part_of_the_rest(string path, string asked, string location)
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Redirect = new RedirectSettings("/new{rest}", 308) }, path, backend.Address);

        Assert.Contains($"\r\nLocation: {location}\r\n", await GetAsync(lane, asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_gateway_would_take_for_a_field_that_is_taken_goes_as_well_and_in_trailers_too()
    {
        string trailers = "";
        await using var backend = new RawBackend(async c =>
        {
            string head = await c.ReadHeadAsync() ?? "";
            trailers = await c.ReadHeadAsync() ?? "";
            await c.AnswerAsync(head);
        });
        var edits = new HeaderEditSettings([new("X-User", "bob")], [], ["X-Debug"]);
        await using TestLane lane = await StartAsync(Plain with { RequestHeaders = edits }, "/", backend.Address);
        string got = await RawClient.ExchangeAsync(
            lane.Endpoint,
            "POST / HTTP/1.1\r\nHost: a\r\nX_User: eve\r\nX.User: eve\r\nx_debug: eve\r\nX-Users: kept\r\nTrailer: x-user, x_debug, x-sum\r\nTransfer-Encoding: chunked\r\n"
            + "Connection: close\r\n\r\n1\r\nx\r\n0\r\nx-user: eve\r\nx_debug: eve\r\nx-sum: 1\r\n\r\n");

        Assert.DoesNotContain("eve", got, StringComparison.Ordinal);
        Assert.Contains("X-Users: kept\r\n", got, StringComparison.Ordinal);
        Assert.Contains("X-User: bob\r\n", got, StringComparison.Ordinal);
        Assert.EndsWith("0\r\nx-sum: 1\r\n\r\n", trailers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backend_gets_the_headers_that_its_route_sets_and_adds_and_none_that_it_removes()
    {
        await using var backend = new RawBackend(EchoAsync);
        var edits = new HeaderEditSettings([new("X-Tenant", "a")], [new("X-Tag", "new")], ["X-Secret", "Cookie"]);
        await using TestLane lane = await StartAsync(Plain with { RequestHeaders = edits }, "/", backend.Address);
        string got = await GetAsync(lane, "/", "x-tenant: mine\r\nX-TENANT:mine\r\nX-Tag: old\r\nx-secret: 1\r\nCookie: a=b\r\nCookie: c=d\r\nX-Kept: 1\r\n");

        Assert.Equal(1, Count(got, "X-Tenant: a\r\n"));
        Assert.DoesNotContain("mine", got, StringComparison.Ordinal);
        Assert.Contains("X-Tag: old\r\n", got, StringComparison.Ordinal);
        Assert.Contains("X-Tag: new\r\n", got, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", got, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("a=b", got, StringComparison.Ordinal);
        Assert.DoesNotContain("c=d", got, StringComparison.Ordinal);
        Assert.Contains("X-Kept: 1\r\n", got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_is_changed_as_the_first_was()
    {
        await using var refusing = new RawBackend(async c =>
        {
            await c.ReadHeadAsync();
            await c.WriteAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        });
        await using var backend = new RawBackend(EchoAsync);
        var filters = Plain with
        {
            Rewrite = new RewriteSettings("/shop", "/v2", ""),
            RequestHeaders = new HeaderEditSettings([new("X-Tenant", "a")], [], ["X-Secret"]),
        };
        await using TestLane lane = await TestLane.StartAsync(
            engine,
            new LaneOptions { Path = "/shop", Conditions = r => r with { Filters = filters }, Retry = RetrySettings.Plain with { Statuses = [new StatusRange(503, 503)] } },
            refusing.Address,
            backend.Address);
        string got = await GetAsync(lane, "/shop/x", "X-Secret: 1\r\nX-Tenant: mine\r\n");

        Assert.Contains("GET /v2/x HTTP/1.1", got, StringComparison.Ordinal);
        Assert.Equal(1, Count(got, "X-Tenant: a\r\n"));
        Assert.DoesNotContain("mine", got, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret", got, StringComparison.Ordinal);
        Assert.Equal(1, refusing.Requests);
    }

    [Fact]
    public async Task A_client_gets_the_headers_that_the_route_writes_and_the_ticket_all_the_same()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(c =>
        {
            c.Response.Headers["X-Powered-By"] = "something";
            c.Response.Headers["X-Frame-Options"] = "ALLOWALL";
            return c.Response.WriteAsync("hello");
        });
        var edits = new HeaderEditSettings([new("X-Frame-Options", "DENY")], [new("X-Tag", "1")], ["x-powered-by", "Set-Cookie"]);
        await using TestLane lane = await StartAsync(Plain with { ResponseHeaders = edits }, "/", backend.Address);
        using HttpResponseMessage answer = await lane.Client.GetAsync("/");

        Assert.Equal("hello", await answer.Content.ReadAsStringAsync());
        Assert.Equal(["DENY"], answer.Headers.GetValues("X-Frame-Options"));
        Assert.Equal(["1"], answer.Headers.GetValues("X-Tag"));
        Assert.False(answer.Headers.Contains("X-Powered-By"));
        Assert.StartsWith("ALB=", answer.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://{host}{path}{query}", "/old/a?b=c", "https://outer.test/old/a?b=c")]
    [InlineData("/new{rest}{query}", "/old/a", "/new/a")]
    [InlineData("/new{rest}{query}", "/old?x=1", "/new?x=1")]
    [InlineData("{scheme}://other.test", "/old/x", "http://other.test")]
    [InlineData("{rest}", "/old//evil.test/x", "/evil.test/x")]
    [InlineData("{rest}", "/old/\\evil.test", "/evil.test")]
    public async Task A_redirect_leads_where_it_says_and_never_to_a_host_that_the_client_made_up(string to, string asked, string location)
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Redirect = new RedirectSettings(to, 308) }, "/old", backend.Address);
        string got = await GetAsync(lane, asked);

        Assert.StartsWith("HTTP/1.1 308 Permanent Redirect\r\n", got, StringComparison.Ordinal);
        Assert.Contains($"\r\nLocation: {location}\r\n", got, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 0\r\n", got, StringComparison.Ordinal);
        Assert.DoesNotContain("X-ActorLb-Reason", got, StringComparison.Ordinal);
        Assert.Equal(0, backend.Requests);
    }

    [Theory]
    [InlineData("https://example.com{rest}", "/old@evil.test/../old")]
    [InlineData("https://example.com{rest}", "/old.evil.test/%2e%2e/old")]
    [InlineData("{rest}", "/oldhttp://evil.test/../../../old")]
    public async Task A_path_that_only_means_that_of_the_route_has_no_rest(string to, string asked)
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Redirect = new RedirectSettings(to, 308) }, "/old", backend.Address);
        string got = await GetAsync(lane, asked);

        Assert.Matches("^HTTP/1.1 (400|404)", got);
        Assert.DoesNotContain("evil", got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_of_routes_have_the_headers_that_the_route_writes()
    {
        await using var backend = new RawBackend(EchoAsync);
        var edits = new HeaderEditSettings([new("Retry-After", "60")], [new("X-Tag", "1")], []);
        await using (TestLane lane = await StartAsync(Plain with { Respond = new RespondSettings(503, "later", "text/plain"), ResponseHeaders = edits }, "/", backend.Address))
        {
            string got = await GetAsync(lane, "/");
            Assert.StartsWith("HTTP/1.1 503", got, StringComparison.Ordinal);
            Assert.Equal((1, 1), (Count(got, "\r\nRetry-After: 60\r\n"), Count(got, "\r\nX-Tag: 1\r\n")));
        }

        await using TestLane redirecting = await StartAsync(Plain with { Redirect = new RedirectSettings("/x", 302), ResponseHeaders = edits }, "/", backend.Address);
        Assert.Contains("\r\nRetry-After: 60\r\n", await GetAsync(redirecting, "/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fixed_answer_has_its_status_body_and_type_and_the_connection_goes_on()
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Respond = new RespondSettings(202, "grüße\n", "text/x-greeting") }, "/", backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        foreach (string method in new[] { "GET", "HEAD", "GET" })
        {
            await client.SendAsync($"{method} / HTTP/1.1\r\nHost: x\r\n\r\n");
            string head = await client.ReadHeadAsync();
            Assert.StartsWith("HTTP/1.1 202 Accepted\r\n", head, StringComparison.Ordinal);
            Assert.Contains("\r\nContent-Type: text/x-greeting\r\n", head, StringComparison.Ordinal);
            Assert.Contains("\r\nContent-Length: 8\r\n", head, StringComparison.Ordinal);
            Assert.DoesNotContain("text/plain", head, StringComparison.Ordinal);
            if (method == "GET")
            {
                byte[] body = new byte[8];
                await client.Stream.ReadExactlyAsync(body);
                Assert.Equal("grüße\n", Encoding.UTF8.GetString(body));
            }
        }
    }

    [Fact]
    public async Task An_answer_without_content_says_no_length()
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Respond = new RespondSettings(204, "", "") }, "/", backend.Address);
        string got = await GetAsync(lane, "/");

        Assert.StartsWith("HTTP/1.1 204 No Content\r\n", got, StringComparison.Ordinal);
        Assert.DoesNotContain("Content-", got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_route_said_of_one_request_is_not_said_of_the_next_one_of_its_connection()
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Redirect = new RedirectSettings("/new", 308) }, "/old", backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET /old HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 308", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await client.SendAsync("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
        (string head, string body) = await client.ReadAnswerAsync();
        Assert.StartsWith("HTTP/1.1 404", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Location", head, StringComparison.Ordinal);
        Assert.StartsWith("404 no-route", body, StringComparison.Ordinal);
        await client.SendAsync("GET /old HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.ReadHeadAsync();

        await client.SendAsync("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n");
        string refused = await client.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("Location", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_route_said_of_one_client_is_not_said_of_another_that_there_is_no_memory_for()
    {
        await using var backend = new RawBackend(EchoAsync);
        await using TestLane lane = await StartAsync(Plain with { Respond = new RespondSettings(202, "of the route", "text/x-route") }, "/", backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal("of the route", (await client.ReadAnswerAsync()).Body);
        lane.Plane.Memory.Use = () => long.MaxValue / 2;
        lane.Plane.Memory.Look();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        (string head, string body) = await client.ReadAnswerAsync();

        Assert.StartsWith("HTTP/1.1 503", head, StringComparison.Ordinal);
        Assert.DoesNotContain("text/x-route", head, StringComparison.Ordinal);
        Assert.StartsWith("503 out-of-memory", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, false, true)]
    [InlineData(10, false, true)]
    [InlineData(11, false, false)]
    [InlineData(10, true, true)]
    [InlineData(11, true, false)]
    public async Task A_route_has_a_limit_of_its_own_for_bodies(int bytes, bool isChunked, bool fits)
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(async c => await c.Request.Body.CopyToAsync(c.Response.Body));
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { BodyBytesMax = 5, Conditions = r => r with { Filters = Plain with { BodyBytesMax = 10 } } }, backend.Address);
        string body = new('b', bytes);
        string framed = isChunked ? $"Transfer-Encoding: chunked\r\n\r\n{bytes:x}\r\n{body}\r\n0\r\n\r\n" : $"Content-Length: {bytes}\r\n\r\n{body}";
        string got = await RawClient.ExchangeAsync(lane.Endpoint, $"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{framed}");

        Assert.StartsWith(fits ? "HTTP/1.1 200" : "HTTP/1.1 413", got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_has_a_time_of_its_own_for_answers()
    {
        await using var backend = new RawBackend(async c =>
        {
            await c.ReadHeadAsync();
            await c.UntilClosedAsync();
        });
        await using TestLane lane = await StartAsync(Plain with { ResponseTimeout = TimeSpan.FromMilliseconds(200) }, "/", backend.Address);

        Assert.StartsWith("HTTP/1.1 504", await GetAsync(lane, "/"), StringComparison.Ordinal);
    }

    private static async Task EchoAsync(RawConnection connection)
    {
        while (await connection.ReadHeadAsync() is { } head)
        {
            await connection.AnswerAsync(head);
        }
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static Task<string> GetAsync(TestLane lane, string target, string fields = "") =>
        RawClient.ExchangeAsync(lane.Endpoint, $"GET {target} HTTP/1.1\r\nHost: outer.test\r\n{fields}Connection: close\r\n\r\n");

    private Task<TestLane> StartAsync(RouteFilterSettings filters, string path, Uri backend) =>
        TestLane.StartAsync(engine, new LaneOptions { Path = path, Conditions = r => r with { Filters = filters } }, backend);
}
