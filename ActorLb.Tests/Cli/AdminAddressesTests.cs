using System.Text.Json;
using ActorLb.Node.Cli;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class AdminAddressesTests
{
    [Theory]
    [InlineData("http://10.0.0.1:8090", "http://10.0.0.1:8090/", "http://10.0.0.2:8090/", "http://10.0.0.2:8090/", "")]
    [InlineData("http://10.0.0.1:8090", "http://10.0.0.1:8090/", "https://10.0.0.2:8090/", "https://10.0.0.2:8090/", "")]
    [InlineData("https://lb1.example.com:8090", "https://10.0.0.1:8090/", "http://10.0.0.2:8090/", "", "lb2 has no TLS")]
    [InlineData("http://127.0.0.1:8091", "http://127.0.0.1:8091/", "http://127.0.0.1:8092/", "http://127.0.0.1:8092/", "")]
    [InlineData("http://localhost:8091", "http://127.0.0.1:8091/", "http://127.0.0.1:8092/", "http://127.0.0.1:8092/", "")]
    [InlineData("http://10.0.0.1:8090", "http://10.0.0.1:8090/", "http://127.0.0.1:8090/", "", "lb2 listens on its own machine alone")]
    [InlineData("http://127.0.0.1:18090", "http://127.0.0.1:8090/", "http://127.0.0.1:8092/", "", "lb2 listens on its own machine alone")]
    [InlineData("http://127.0.0.1:8090", "http://10.0.0.1:8090/", "http://[::1]:8090/", "", "lb2 listens on its own machine alone")]
    [InlineData("http://10.0.0.1:8090", "http://10.0.0.1:8090/", "", "", "lb2 tells no address")]
    [InlineData("http://10.0.0.1:8090", "http://10.0.0.1:8090/", "file:///etc/passwd", "", "lb2 tells no address")]
    public void Another_node_is_asked_where_it_says_unless_that_is_somebody_elses_port(string from, string own, string admin, string expected, string unasked)
    {
        AdminAddresses told = AdminAddresses.In(Live(own, admin), new Uri(from));
        Assert.Equal((expected, unasked), (string.Join(',', told.Others), told.Unasked));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("""{ "nodes": {} }""")]
    [InlineData("""{ "node": 3, "nodes": [ 4, { "name": [], "admin": null } ] }""")]
    public void What_is_no_such_document_tells_nobody(string json) =>
        Assert.Empty(AdminAddresses.In(JsonDocument.Parse(json).RootElement, new Uri("http://10.0.0.1:8090")).Others);

    [Fact]
    public void Those_that_were_given_are_asked_first_then_those_that_were_told_each_once()
    {
        using var nodes = new AdminNodes([new Uri("http://10.0.0.1:8090"), new Uri("http://10.0.0.3:8090/")], "token", null);
        Learn(nodes, "http://10.0.0.2:8090/", "http://10.0.0.3:8090/", "http://10.0.0.4:8090/");
        Learn(nodes, "http://10.0.0.2:8090/", "http://10.0.0.4:8090/");
        Assert.Equal(["10.0.0.1", "10.0.0.3", "10.0.0.2", "10.0.0.4"], nodes.All.Select(n => n.Admin.Host));
        Assert.All(nodes.All, n => Assert.Equal("token", n.Http.DefaultRequestHeaders.Authorization?.Parameter));
        Assert.Same(nodes.All[0], nodes.After(nodes.All[3]));
        Assert.Same(nodes.All[3], nodes.After(nodes.All[2]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void Of_addresses_that_come_and_go_those_are_forgotten_of_which_nobody_tells_any_more(int over)
    {
        using var nodes = new AdminNodes([new Uri("http://10.0.0.1:8090")], null, null);
        Learn(nodes, "http://10.0.1.1:8090/");
        AdminConnection first = nodes.All[1];
        Learn(nodes, [.. Enumerable.Range(0, AdminNodes.LearnedMax - 1 + over).Select(i => $"http://10.0.2.{i}:8090/")]);
        Assert.Equal(1 + Math.Min(AdminNodes.LearnedMax, AdminNodes.LearnedMax + over), nodes.All.Count);
        Assert.Equal(over <= 0, nodes.All.Contains(first));
        Assert.Same(nodes.All[over <= 0 ? 2 : 0], nodes.After(first));
    }

    private static void Learn(AdminNodes nodes, params string[] admins) => nodes.Learn(nodes.All[0].Admin, Live("http://10.0.0.1:8090/", admins));

    private static JsonElement Live(string own, params string[] admins) => JsonSerializer.SerializeToElement(new
    {
        node = "lb1",
        nodes = admins.Select((a, i) => new { name = $"lb{i + 2}", admin = a }).Prepend(new { name = "lb1", admin = own }).Append((object)new { name = "dead" }),
    });
}
