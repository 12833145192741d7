using System.Net;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>Whole nodes in one process: what the parts do together.</summary>
public sealed class BalancerNodeTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-nodes-").FullName;
    private readonly List<WebApplication> _backends = [];
    private readonly List<BalancerNode> _nodes = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false });

    public async Task InitializeAsync()
    {
        for (int i = 1; i <= 3; i++)
        {
            string name = $"web-{i}";
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            WebApplication backend = builder.Build();
            backend.MapGet("/healthz", () => "well");
            backend.MapGet("/", () => name);
            await backend.StartAsync();
            _backends.Add(backend);
        }

        string address = LoopbackPorts.OwnAddress();
        int[] ports = LoopbackPorts.Free(address, 3);
        string[] addresses = [.. _backends.Select(b => b.Urls.First())];
        PoolSettings web = TestPools.Pool("web", addresses);
        web = web with { Affinity = web.Affinity with { Keys = [] } };
        for (int i = 0; i < 3; i++)
        {
            NodeSettings settings = TestPools.Node(web) with
            {
                Name = $"lb{i + 1}",
                DataDirectory = Path.Combine(_directory, $"lb{i + 1}"),
                Cluster = new ClusterSettings(
                    address, ports[i], [.. ports.Select(p => new HostPort(address, p))],
                    TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), null),
            };
            settings = settings.With(t => t with { AccessLog = new AccessLogSettings(AccessLogOf(i), AccessLogFormat.Combined, 64 * 1024) });
            _nodes.Add(new BalancerNode(settings, NullLoggerFactory.Instance, TimeProvider.System));
        }

        await Task.WhenAll(_nodes.Select(n => n.StartAsync(default)));
    }

    private string AccessLogOf(int node) => Path.Combine(_directory, $"access-{node}.log");

    [Fact]
    public async Task A_session_lives_on_one_server_whichever_node_is_asked()
    {
        for (int session = 0; session < 12; session++)
        {
            (string home, string? cookie) = await AskAsync(_nodes[session % 3], null);
            Assert.NotNull(cookie);
            for (int i = 0; i < 6; i++)
            {
                Assert.Equal(home, (await AskAsync(_nodes[i % 3], cookie)).Server);
            }
        }
    }

    [Fact]
    public async Task A_node_that_stops_has_written_its_access_log_to_the_end()
    {
        for (int i = 0; i < 5; i++)
        {
            await AskAsync(_nodes[0], null);
        }

        await _nodes[0].StopAsync(default);

        string[] lines = await File.ReadAllLinesAsync(AccessLogOf(0));
        Assert.Equal(5, lines.Length);
        Assert.All(lines, l => Assert.Contains("\"GET / HTTP/1.1\" 200 5 ", l, StringComparison.Ordinal));
        Assert.Empty(await File.ReadAllLinesAsync(AccessLogOf(1)));
    }

    [Fact]
    public async Task Once_the_admin_api_has_answered_no_node_sends_anything_to_a_server_that_was_taken_out()
    {
        (string home, string? cookie) = await AskAsync(_nodes[0], null);
        for (int round = 0; round < 5; round++)
        {
            await DecideAsync(_nodes[round % 3], "web-1", "maintenance");
            foreach (BalancerNode node in _nodes)
            {
                Assert.All(await ManyAsync(node, null), s => Assert.NotEqual("web-1", s));
            }

            await DecideAsync(_nodes[(round + 1) % 3], "web-1", "ready");
            foreach (BalancerNode node in _nodes)
            {
                Assert.Contains("web-1", await ManyAsync(node, null));
            }

            // A drain keeps its sessions: from each node to where they are.
            await DecideAsync(_nodes[(round + 2) % 3], "web-1", "drain");
            foreach (BalancerNode node in _nodes)
            {
                Assert.All(await ManyAsync(node, null), s => Assert.NotEqual("web-1", s));
                Assert.Single((await ManyAsync(node, cookie)).Distinct());
            }

            await DecideAsync(_nodes[round % 3], "web-1", "ready");
        }

        Assert.NotNull(home);
    }

    [Fact]
    public async Task A_node_that_is_stopped_leaves_the_sessions_to_the_others()
    {
        (string home, string? cookie) = await AskAsync(_nodes[0], null);
        Assert.Equal(home, (await AskAsync(_nodes[0], cookie)).Server);
        await _nodes[0].StopAsync(default);

        Assert.Equal(home, (await AskAsync(_nodes[1], cookie)).Server);
        Assert.Equal(home, (await AskAsync(_nodes[2], cookie)).Server);
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(_nodes[0], cookie));
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        foreach (BalancerNode node in _nodes)
        {
            await node.DisposeAsync();
        }

        foreach (WebApplication backend in _backends)
        {
            await backend.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private Task<string[]> ManyAsync(BalancerNode node, string? cookie) =>
        Task.WhenAll(Enumerable.Range(0, 9).Select(async _ => (await AskAsync(node, cookie)).Server));

    private async Task DecideAsync(BalancerNode node, string server, string verb)
    {
        string id = Uri.EscapeDataString(new Uri(_backends[server[^1] - '1'].Urls.First()).Authority);
        using HttpResponseMessage answer = await _client.PostAsync(
            new Uri($"http://{node.AdminEndpoint}/api/v1/pools/web/backends/{id}/{verb}"), null);
        Assert.Equal((HttpStatusCode.OK, ""), (answer.StatusCode, answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync()));
    }

    private async Task<(string Server, string? Cookie)> AskAsync(BalancerNode node, string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{node.Listeners["http"]}/");
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        using HttpResponseMessage response = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (
            await response.Content.ReadAsStringAsync(),
            response.Headers.TryGetValues("Set-Cookie", out var set) ? set.Single().Split(';')[0] : null);
    }
}
