using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Routing;

public sealed class RouteTableTests
{
    private static readonly RouteTable Table = new(
    [
        new("*", "/", "everything"),
        new("*.example.org", "/", "suffix"),
        new("*.shop.example.org", "/", "longer-suffix"),
        new("www.example.org", "/", "exact"),
        new("*", "/api", "api"),
        new("*", "/health", "health") { IsExact = true },
        new("www.example.org", "/static/", "static"),
        new("partly.example.org", "/only", "partly"),
    ]);

    [Theory]
    [InlineData("other.test", "/", "everything")]
    [InlineData("www.example.org", "/", "exact")]
    [InlineData("WWW.Example.ORG", "/x", "exact")]
    [InlineData("www.example.org:8080", "/", "exact")]
    [InlineData("www.example.org.", "/", "exact")]
    [InlineData("WWW.example.org.:8080", "/", "exact")]
    [InlineData("a.example.org.", "/", "suffix")]
    [InlineData("www.example.org..", "/", "everything")]
    [InlineData(".", "/", "everything")]
    [InlineData(".example.org", "/", "everything")]
    [InlineData("a.example.org", "/", "suffix")]
    [InlineData("a.b.example.org", "/", "suffix")]
    [InlineData("a.shop.example.org", "/", "longer-suffix")]
    [InlineData("shop.example.org", "/", "suffix")]
    [InlineData("example.org", "/", "everything")]
    [InlineData("badexample.org", "/", "everything")]
    [InlineData("other.test", "/api", "api")]
    [InlineData("other.test", "/api/v1", "api")]
    [InlineData("other.test", "/apis", "everything")]
    [InlineData("other.test", "/API", "everything")]
    [InlineData("other.test", "/health", "health")]
    [InlineData("other.test", "/health/", "everything")]
    [InlineData("other.test", "/health/x", "everything")]
    [InlineData("www.example.org", "/api", "exact")]
    [InlineData("www.example.org", "/health", "exact")]
    [InlineData("www.example.org", "/static/a.css", "static")]
    [InlineData("www.example.org", "/static", "exact")]
    [InlineData("partly.example.org", "/only/x", "partly")]
    [InlineData("partly.example.org", "/other", "suffix")]
    [InlineData("[::1]:8080", "/", "everything")]
    [InlineData("", "/", "everything")]
    [InlineData("other.test", "*", "everything")]
    public void The_most_exact_host_wins_then_the_exact_path_then_the_longest(string host, string path, string pool) =>
        Assert.Equal(pool, PoolOf(Table, host, path));

    [Fact]
    public void Among_equal_paths_a_condition_that_fits_goes_first_and_one_that_does_not_is_passed_over()
    {
        var table = new RouteTable(
        [
            new("*", "/", "any"),
            new("*", "/app", "app"),
            new("*", "/app", "post") { Methods = ["POST", "PUT"] },
            new("*", "/app", "beta") { Headers = [new("X-Beta", "1")] },
            new("*", "/app", "beta-post") { Methods = ["POST"], Headers = [new("X-Beta", null)] },
            new("*", "/app", "inside") { Listeners = ["internal"] },
            new("*", "/only-get", "get") { Methods = ["GET"] },
        ]);
        Assert.Equal("app", PoolOf(table, "a", "/app"));
        Assert.Equal("post", PoolOf(table, "a", "/app/x", "POST"));
        Assert.Equal("app", PoolOf(table, "a", "/app", "post"));
        Assert.Equal("beta", PoolOf(table, "a", "/app", "GET", ("x-beta", "1")));
        Assert.Equal("app", PoolOf(table, "a", "/app", "GET", ("X-Beta", "2")));
        Assert.Equal("beta-post", PoolOf(table, "a", "/app", "POST", ("X-Beta", "2")));
        Assert.Equal("inside", PoolOf(table, "a", "/app", "POST", listener: "internal"));
        Assert.Equal("get", PoolOf(table, "a", "/only-get"));
        Assert.Equal("any", PoolOf(table, "a", "/only-get", "HEAD"));
    }

    [Fact]
    public void Of_two_that_say_as_much_the_first_in_the_file_is_taken()
    {
        RouteSettings first = new("*", "/", "first") { Headers = [new("A", "1")] };
        RouteSettings second = new("*", "/", "second") { Headers = [new("B", "1")] };
        (string, string)[] both = [("A", "1"), ("B", "1")];
        Assert.Equal("first", PoolOf(new RouteTable([first, second]), "a", "/", "GET", both));
        Assert.Equal("second", PoolOf(new RouteTable([second, first]), "a", "/", "GET", both));
    }

    [Fact]
    public void What_is_compiled_means_what_is_written()
    {
        string[] hosts = ["*", "*.a", "*.b.a", "b.a", "c.b.a", "c.b.a.", "[::1]"];
        string[] paths = ["/", "/x", "/x/", "/x/y", "/x/y/z", "/xy"];
        Gen<RouteSettings> route = Gen.Select(OneOf(hosts), OneOf(paths), Gen.Bool, Gen.Int[0, 7])
            .Select((host, path, exact, conditions) => new RouteSettings(host, path, "")
            {
                IsExact = exact,
                Methods = (conditions & 1) != 0 ? ["GET"] : [],
                Headers = (conditions & 2) != 0 ? [new("A", "1")] : [],
                Listeners = (conditions & 4) != 0 ? ["web"] : [],
            });
        Gen<(string Host, string Path, Request Request)> request = Gen.Select(
            OneOf("a", "b.a", "c.b.a", "C.B.A:80", "d.c.b.a.", ".a", "..a", "[::1]:1", "", "x"),
            OneOf("/", "/x", "/x/", "/x/y", "/x/y/", "/x/y/z/w", "/xy", "/xyz", "*", ""),
            Gen.Bool,
            Gen.Bool,
            Gen.Bool).Select((host, path, get, header, web) =>
                (host, path, new Request(get ? "GET" : "POST", header ? [("a", "1")] : [], web ? "web" : "other")));
        Gen.Select(route.Array[0, 12], request).Sample((routes, asked) =>
        {
            var table = new RouteTable(routes);
            int[] fitting =
            [
                .. routes.Select((r, i) => (Route: r, Place: i))
                    .Where(r => RouteMatch.HostFits(r.Route, RouteMatch.HostName(asked.Host)) && RouteMatch.PathFits(r.Route, asked.Path) && asked.Request.Fit(r.Route))
                    .Order(RouteMatch.Precedence)
                    .Select(r => r.Place),
            ];
            Assert.Equal(fitting.FirstOrDefault(-1), table.Find(asked.Host, asked.Path, asked.Request));
        }, iter: 20_000);
    }

    [Fact]
    public void A_hostile_host_or_path_is_looked_up_no_more_often_than_what_is_written_is_long()
    {
        var table = new RouteTable([new("*.a.b", "/x/y", "deep"), new("*", "/", "rest")]);
        string host = string.Concat(Enumerable.Repeat("a.", 30_000)) + "a.b";
        string path = string.Concat(Enumerable.Repeat("/x", 30_000));
        Assert.Equal("rest", PoolOf(table, host, path));
        Assert.Equal("deep", PoolOf(table, host, "/x/y" + path));
    }

    [Fact]
    public void An_address_in_brackets_is_a_host_with_and_without_a_port()
    {
        var table = new RouteTable([new RouteSettings("[::1]", "/", "loopback")]);
        Assert.Equal("loopback", PoolOf(table, "[::1]", "/"));
        Assert.Equal("loopback", PoolOf(table, "[::1]:80", "/"));
    }

    [Fact]
    public void No_fitting_route_is_no_pool() =>
        Assert.Null(PoolOf(new RouteTable([new RouteSettings("a.test", "/x", "x")]), "a.test", "/y"));

    [Theory]
    [InlineData(true, "*", "/")]
    [InlineData(false, "*", "/x")]
    [InlineData(false, "a.test", "/")]
    public void Only_an_only_route_for_every_request_takes_everything(bool takes, string host, string path)
    {
        var route = new RouteSettings(host, path, "x");
        Assert.Equal(takes, new RouteTable([route]).TakesEverything);
        Assert.False(new RouteTable([route, new RouteSettings("b.test", "/y", "y")]).TakesEverything);
        Assert.False(new RouteTable([route with { IsExact = true }]).TakesEverything);
        Assert.False(new RouteTable([route with { Methods = ["GET"] }]).TakesEverything);
        Assert.False(new RouteTable([route with { Headers = [new("A", null)] }]).TakesEverything);
        Assert.False(new RouteTable([route with { Listeners = ["web"] }]).TakesEverything);
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string? PoolOf(RouteTable table, string host, string path, string method = "GET", params (string, string)[] headers) =>
        PoolOf(table, host, path, new Request(method, headers, "web"));

    private static string? PoolOf(RouteTable table, string host, string path, string method, string listener) =>
        PoolOf(table, host, path, new Request(method, [], listener));

    private static string? PoolOf(RouteTable table, string host, string path, Request request) =>
        table.Find(host, path, request) is >= 0 and var route ? table.Routes[route].Pool : null;

    private sealed record Request(string Method, (string Name, string Value)[] Fields, string Listener) : IRouteConditions
    {
        public bool Fit(RouteSettings route) =>
            (route.Methods.IsEmpty || route.Methods.Contains(Method))
            && (route.Listeners.IsEmpty || route.Listeners.Contains(Listener))
            && route.Headers.All(h => Fields.Any(f => f.Name.Equals(h.Name, StringComparison.OrdinalIgnoreCase) && (h.Value is null || h.Value == f.Value)));
    }
}
