using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;
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
        new("www.example.org", "/static/", "static"),
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
    [InlineData("a.example.org", "/", "suffix")]
    [InlineData("a.b.example.org", "/", "suffix")]
    [InlineData("a.shop.example.org", "/", "longer-suffix")]
    [InlineData("example.org", "/", "everything")]
    [InlineData("badexample.org", "/", "everything")]
    [InlineData("www.example.org", "/api", "api")]
    [InlineData("www.example.org", "/api/v1", "api")]
    [InlineData("www.example.org", "/apis", "exact")]
    [InlineData("www.example.org", "/API", "exact")]
    [InlineData("www.example.org", "/static/a.css", "static")]
    [InlineData("www.example.org", "/static", "exact")]
    [InlineData("[::1]:8080", "/", "everything")]
    [InlineData("", "/", "everything")]
    public void The_longest_path_wins_and_then_the_most_exact_host(string host, string path, string pool) =>
        Assert.Equal(pool, PoolOf(Table, host, path));

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
    public void Only_a_first_route_for_every_host_and_path_takes_everything(bool takes, string host, string path)
    {
        Assert.Equal(takes, new RouteTable([new RouteSettings(host, path, "x")]).TakesEverything);
        Assert.False(new RouteTable([new RouteSettings(host, path, "x"), new RouteSettings("b.test", "/y", "y")]).TakesEverything);
    }

    private static string? PoolOf(RouteTable table, string host, string path) =>
        table.Find(host, path) is >= 0 and var route ? table.Routes[route].Pool : null;
}
