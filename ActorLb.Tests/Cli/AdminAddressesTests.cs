using System.Net;
using System.Net.Sockets;
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
    [InlineData("http://10.0.0.1:8090", "http://10.0.0.1:8090/", "http://127\u30020\u30020\u30021:8090/", "", "lb2 listens on its own machine alone")]
    [InlineData("http://10.0.0.1:8090", "http://10.0.0.1:8090/", "http://[::ffff:0.0.0.0]:8090/", "", "lb2 listens on its own machine alone")]
    [InlineData("http://10.0.0.1:8090", "http://10.0.0.1:8090/", "http://0.0.0.0:8090/", "", "lb2 listens on its own machine alone")]
    [InlineData("http://10.0.0.1:8090", "http://10.0.0.1:8090/", "http://[::]:8090/", "", "lb2 listens on its own machine alone")]
    [InlineData("http://10.0.0.1:8090", "http://10.0.0.1:8090/", "http://user:word@10.0.0.2:8090/", "", "lb2 tells no address")]
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

    /// <summary>However the address is written, and whatever a name server says of a name.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("2130706433")]
    [InlineData("127\u30020\uff0e0\u30021")]
    [InlineData("0.0.0.0")]
    [InlineData("[::]")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:0.0.0.0]")]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    [InlineData("foo.localhost")]
    public async Task What_one_elsewhere_tells_never_leads_to_this_machine(string host)
    {
        using var listener = new TcpListener(IPAddress.IPv6Any, 0);
        listener.Server.DualMode = true;
        listener.Start();
        using var node = new AdminConnection(new Uri($"http://{host}:{((IPEndPoint)listener.LocalEndpoint).Port}/"), "token", TimeSpan.FromSeconds(60), null, AdminReach.ToldElsewhere);
        await Assert.ThrowsAsync<HttpRequestException>(() => node.Http.GetAsync("/livez"));
        Assert.False(listener.Pending());
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.0.0.1", false)]
    public async Task Loopback_that_was_told_is_asked_where_the_node_that_tells_is_at_loopback(string from, bool isAsked)
    {
        await using BrokenNode other = BrokenNode.Saying("{}");
        using var nodes = new AdminNodes([new Uri($"http://{from}:8090")], "token", null);
        nodes.Learn(nodes.All[0].Admin, Live($"http://{from}:8090/", other.Url.Replace("127.0.0.1", isAsked ? "127.0.0.1" : "localhost.", StringComparison.Ordinal)));
        AdminConnection learned = nodes.All[1];
        if (isAsked)
        {
            using HttpResponseMessage answer = await learned.Http.GetAsync("/");
            Assert.True(answer.IsSuccessStatusCode);
        }
        else
        {
            HttpRequestException e = await Assert.ThrowsAsync<HttpRequestException>(() => learned.Http.GetAsync("/"));
            Assert.Equal(0, other.Asked);
            Assert.NotEmpty(learned.WhyNot(e));
        }
    }

    private static void Learn(AdminNodes nodes, params string[] admins) => nodes.Learn(nodes.All[0].Admin, Live("http://10.0.0.1:8090/", admins));

    private static JsonElement Live(string own, params string[] admins) => JsonSerializer.SerializeToElement(new
    {
        node = "lb1",
        nodes = admins.Select((a, i) => new { name = $"lb{i + 2}", admin = a }).Prepend(new { name = "lb1", admin = own }).Append((object)new { name = "dead" }),
    });
}
