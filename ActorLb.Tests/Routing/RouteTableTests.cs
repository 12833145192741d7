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
        Assert.Equal(pool, Table.PoolFor(host, path));

    [Fact]
    public void An_address_in_brackets_is_a_host_with_and_without_a_port()
    {
        var table = new RouteTable([new RouteSettings("[::1]", "/", "loopback")]);
        Assert.Equal("loopback", table.PoolFor("[::1]", "/"));
        Assert.Equal("loopback", table.PoolFor("[::1]:80", "/"));
    }

    [Fact]
    public void No_fitting_route_is_no_pool() =>
        Assert.Null(new RouteTable([new RouteSettings("a.test", "/x", "x")]).PoolFor("a.test", "/y"));
}
