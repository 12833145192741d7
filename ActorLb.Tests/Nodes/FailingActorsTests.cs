using System.Net;
using System.Net.Http.Json;
using ActorLb.Node.Nodes;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Server = ActorLb.Tests.Lane.SampleBackend;

namespace ActorLb.Tests.Nodes;

/// <summary>Two whole nodes of which one's actors fail, each in turn: it goes on, and what is asked of it is done.</summary>
public sealed class FailingActorsTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-failing-").FullName;
    private readonly List<Server> _servers = [];
    private readonly List<BalancerNode> _nodes = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false });

    public async Task InitializeAsync()
    {
        for (int i = 1; i <= 3; i++)
        {
            _servers.Add(await Server.NamedAsync($"web-{i}"));
        }

        string address = LoopbackPorts.OwnAddress();
        int[] ports = LoopbackPorts.Free(address, 2);
        PoolSettings web = TestPools.Pool("web", [.. _servers.Take(2).Select(s => s.Address.ToString())]);
        web = web with { Affinity = web.Affinity with { Keys = [] } };
        for (int i = 0; i < 2; i++)
        {
            NodeSettings settings = TestPools.Node(web) with
            {
                Name = $"lb{i + 1}",
                DataDirectory = Path.Combine(_directory, $"lb{i + 1}"),
                Cluster = new ClusterSettings(
                    address, ports[i], [.. ports.Select(p => new HostPort(address, p))],
                    TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), null),
            };
            _nodes.Add(new BalancerNode(settings, NullLoggerFactory.Instance, TimeProvider.System));
        }

        await Task.WhenAll(_nodes.Select(n => n.StartAsync(default)));
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));
        await Task.WhenAll(_servers.Select(s => s.DisposeAsync().AsTask()));
        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static IEnumerable<Type> ActorTypes => typeof(BalancerNode).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(INodeActor)));

    [Fact]
    public async Task Any_actor_that_fails_again_and_again_is_there_afterwards_and_knows_what_it_knew()
    {
        (string home, string? cookie) = await AskAsync(_nodes[0], null);
        foreach (Type actor in ActorTypes.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            try
            {
                await FailAsync(actor, home, cookie);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Assert.Fail($"after {actor.Name} has failed: {e}");
            }
        }

        // What a probe sees still decides.
        await _servers[1].DisposeAsync();
        await UntilAsync("its death is known on both", () => Task.FromResult(_nodes.All(n => n.Plane.Routing.Pools["web"].Backends[1].Health == Shared.Backends.BackendHealth.Down)));
    }

    private async Task FailAsync(Type type, string home, string? cookie)
    {
        Assert.Equal(HttpStatusCode.OK, await SendAsync(_nodes[1], HttpMethod.Post, $"pools/web/backends/{Id(0)}/drain"));
        IActorRef actor = ActorOf(type);
        for (int i = 0; i < 4; i++)
        {
            actor.Tell(Kill.Instance);
        }

        // Its mailbox is in order: this is told after it has failed each time.
        Assert.Equal(actor, (await actor.Ask<ActorIdentity>(new Identify(type.Name), TimeSpan.FromSeconds(30))).Subject);
        Assert.Same(actor, ActorOf(type));

        // A decision that was taken at the other node before is in force; new ones are taken, of each kind.
        Assert.Equal(HttpStatusCode.OK, await SendAsync(_nodes[0], HttpMethod.Put, $"pools/web/backends/{Id(1)}/weight", new { weight = 3 }));
        Assert.DoesNotContain("web-1", await ManyAsync(_nodes[0]));
        Assert.Equal(home, (await AskAsync(_nodes[0], cookie)).Server);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(_nodes[0], HttpMethod.Post, $"pools/web/backends/{Id(0)}/ready"));
        Assert.Contains("web-1", await ManyAsync(_nodes[0]));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(_nodes[0], HttpMethod.Post, "pools/web/backends", new { address = _servers[2].Address, id = "extra" }));
        await UntilAsync("the server that was added takes sessions", async () => (await ManyAsync(_nodes[0])).Contains("web-3") && (await ManyAsync(_nodes[1])).Contains("web-3"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(_nodes[0], HttpMethod.Delete, "pools/web/backends/extra?now"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(_nodes[0], HttpMethod.Delete, "overlays"));
        Assert.DoesNotContain("web-3", await ManyAsync(_nodes[0]));
        Assert.Equal(HttpStatusCode.OK, await (type == typeof(TicketKeyActor)
            ? SendAsync(_nodes[0], HttpMethod.Post, "keys/rotate")
            : SendAsync(_nodes[0], HttpMethod.Get, "keys")));
        Assert.Equal(home, (await AskAsync(_nodes[1], cookie)).Server);
        Assert.All(_nodes, n => Assert.Equal(2, n.Members.Count(m => m is { Status: "up", Reachable: true })));
    }

    private IActorRef ActorOf(Type type)
    {
        Assert.True(ActorRegistry.For(_nodes[0].Control.System!).TryGet(type, out IActorRef? actor));
        return actor;
    }

    private string Id(int server) => Uri.EscapeDataString(_servers[server].Address.Authority);

    private async Task<HttpStatusCode> SendAsync(BalancerNode node, HttpMethod method, string path, object? content = null)
    {
        using var request = new HttpRequestMessage(method, $"http://{node.AdminEndpoint}/api/v1/{path}") { Content = content is null ? null : JsonContent.Create(content) };
        using HttpResponseMessage answer = await _client.SendAsync(request);
        return answer.StatusCode;
    }

    private Task<string[]> ManyAsync(BalancerNode node) =>
        Task.WhenAll(Enumerable.Range(0, 9).Select(async _ => (await AskAsync(node, null)).Server));

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

    private static Task UntilAsync(string what, Func<Task<bool>> condition) => Sessions.Eventually.Holds(condition, what);
}
