using ActorLb.Node.Cli;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Admin;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class RouteCommandTests
{
    private readonly CommandRun _run = new();

    public RouteCommandTests() => _run.Settings = _run.Settings with
    {
        Topology = _run.Settings.Topology with
        {
            Listeners = [ListenerOf("http"), ListenerOf("internal")],
            Routes =
            [
                new RouteSettings("shop.example.com", "/api", "api"),
                new RouteSettings("shop.example.com", "/api", "orders") { Methods = ["POST"] },
                new RouteSettings("*", "/", "web"),
                new RouteSettings("*", "/", "beta") { Headers = [new RouteHeader("X-Beta", "1")] },
                new RouteSettings("*", "/metrics", "inside") { Listeners = ["internal"], IsExact = true },
            ],
        },
    };

    [Fact]
    public async Task It_says_which_route_a_request_takes_and_which_others_fit()
    {
        Assert.Equal(ExitCode.Good, await RouteAsync("POST", "http://shop.example.com/api/orders?x=1"));
        Assert.Equal(
            """
            POST shop.example.com/api/orders goes to pool orders, by route 2
              { host = "shop.example.com", path = "/api", methods = [POST], pool = orders }
              the host is its own, the path is its own or below it, the method is one of its own
            also fit, in this order:
              1: { host = "shop.example.com", path = "/api", pool = api }: the host is its own, the path is its own or below it
              3: { host = "*", path = "/", pool = web }: it takes every host, every path
            do not fit:
              4: { host = "*", path = "/", headers = [{ name = "X-Beta", value = "1" }], pool = beta }: the request has no header X-Beta: 1

            """.ReplaceLineEndings(),
            _run.Out);
    }

    [Theory]
    [InlineData("http://shop.example.com/%61pi", "pool api")]
    [InlineData("http://SHOP.example.com./x/..//api/", "pool api")]
    [InlineData("http://user@shop.example.com:80/api", "pool api")]
    [InlineData("http://shop.example.com/api%2F", "pool web")]
    [InlineData("http://shop.example.com?/api", "pool web")]
    [InlineData("http://shop.example.com#/api", "pool web")]
    public async Task A_url_is_taken_as_a_client_may_write_it(string url, string pool)
    {
        Assert.Equal(ExitCode.Good, await RouteAsync("GET", url));
        Assert.Contains($"goes to {pool},", _run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_are_given_as_to_curl_and_Host_replaces_the_urls()
    {
        Assert.Equal(ExitCode.Good, await RouteAsync("GET", "http://127.0.0.1/", "-H", "x-beta:1"));
        Assert.Contains("goes to pool beta, by route 4", _run.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Good, await RouteAsync("GET", "http://127.0.0.1/api", "-H", "Host: shop.example.com", "-H", "X-Beta: 1"));
        Assert.Contains("goes to pool api, by route 1", _run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_is_named_or_known_by_its_port()
    {
        Assert.Equal(ExitCode.Good, await RouteAsync("GET", "http://127.0.0.1/metrics", "--listener", "internal"));
        Assert.Contains("goes to pool inside", _run.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Good, await RouteAsync("GET", "http://127.0.0.1/metrics"));
        Assert.Contains("5: { host = \"*\", path = \"/metrics\", path-type = exact, listeners = [internal], pool = inside }: it is for listener internal", _run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_none_fits_it_is_404_and_1()
    {
        _run.Settings = _run.Settings with { Topology = _run.Settings.Topology with { Routes = [new RouteSettings("a.test", "/", "web")] } };
        Assert.Equal(ExitCode.Failed, await RouteAsync("GET", "http://b.test/x"));
        Assert.Equal("GET b.test/x takes no route: 404" + Environment.NewLine, _run.Out);
    }

    [Theory]
    [InlineData("G ET", "http://a/", "'G ET' is no method")]
    [InlineData("GET", "shop/api", "'shop/api' is no URL")]
    [InlineData("GET", "ftp://shop/api", "'ftp://shop/api' is no URL")]
    [InlineData("GET", "http://a/", "'X-Beta' is no header", "-H", "X-Beta")]
    [InlineData("GET", "http://a/", "'A B: c' is no header", "-H", "A B: c")]
    [InlineData("GET", "http://a/", "There is no listener 'intenral': it is one of http, internal.", "--listener", "intenral")]
    public async Task What_is_no_request_is_told(string method, string url, string problem, params string[] more)
    {
        Assert.Equal(ExitCode.WrongUsage, await RouteAsync(method, url, more));
        Assert.Contains(problem, _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_answers_the_same()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        Assert.Equal(ExitCode.Good, await _run.RunAsync("route", "GET", "http://any/x", "-H", "A: b, c", "--admin", node.Url.ToString()));
        Assert.Equal(
            """
            GET any/x goes to pool web, by route 1
              { host = "*", path = "/", pool = web }
              it takes every host, every path

            """.ReplaceLineEndings(),
            _run.Out);
        Assert.Equal(ExitCode.WrongUsage, await _run.RunAsync("route", "GET", "http://any/x", "--listener", "typo", "--admin", node.Url.ToString()));
        Assert.Contains("There is no listener 'typo': it is one of ", _run.Error, StringComparison.Ordinal);
        using var client = new HttpClient { BaseAddress = node.Url };
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await client.GetAsync(new Uri("/api/v1/route", UriKind.Relative))).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await client.GetAsync(new Uri("/api/v1/route?url=http://a/&header=x", UriKind.Relative))).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await client.GetAsync(new Uri("/api/v1/route?url=http://a/&method=", UriKind.Relative))).StatusCode);
    }

    private static ListenerSettings ListenerOf(string name) => TestPools.Node().Topology.Listeners[0] with { Name = name };

    private Task<int> RouteAsync(string method, string url, params string[] more) => _run.RunAsync(["route", method, url, "-c", "shop.conf", .. more]);
}
