using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>A whole node before one backend that is called by its name, while the name moves from one server to another.</summary>
public sealed class MovingNameTests : IAsyncLifetime, INameResolver
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-moving-").FullName;
    private readonly ConcurrentDictionary<string, WebApplication> _servers = [];
    private readonly ConcurrentDictionary<string, int> _probes = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false });
    private readonly int _port = LoopbackPorts.Free("127.0.0.5", 1)[0];
    private volatile string? _answer = "127.0.0.5";
    private BalancerNode? _node;

    public async Task InitializeAsync()
    {
        await ServeAsync("127.0.0.5");
        await ServeAsync("127.0.0.6");
        PoolSettings web = TestPools.Pool("web", $"http://moving.test:{_port}");
        string address = LoopbackPorts.OwnAddress();
        int port = LoopbackPorts.Free(address, 1)[0];
        NodeSettings settings = TestPools.Node(web with
        {
            Affinity = web.Affinity with { Keys = [] },
            Health = web.Health with { Interval = TimeSpan.FromMilliseconds(100), FastInterval = TimeSpan.FromMilliseconds(100) },
        }) with
        {
            DataDirectory = _directory,
            Cluster = new ClusterSettings(
                address, port, [new HostPort(address, port)],
                TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), null),
        };
        _node = new BalancerNode(settings, NullLoggerFactory.Instance, TimeProvider.System, this);
        await _node.StartAsync(default);
    }

    public async Task DisposeAsync()
    {
        await _node!.DisposeAsync();
        foreach (WebApplication server in _servers.Values)
        {
            await server.DisposeAsync();
        }

        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    public Task<ImmutableArray<IPAddress>?> ResolveAsync(string name, CancellationToken cancellation) =>
        Task.FromResult<ImmutableArray<IPAddress>?>(_answer is { } answer ? [IPAddress.Parse(answer)] : null);

    [Fact]
    public async Task Requests_and_probes_follow_the_name_without_a_pause_and_a_silent_name_server_changes_nothing()
    {
        Assert.Equal("127.0.0.5", await AskAsync());

        // Requests never cease: their connections would never grow idle.
        _answer = "127.0.0.6";
        await UntilAsync(async () => await AskAsync() == "127.0.0.6");

        _answer = null;
        int probes = _probes.GetValueOrDefault("127.0.0.6");
        await UntilAsync(async () => await AskAsync() == "127.0.0.6" && _probes.GetValueOrDefault("127.0.0.6") > probes + 20);
        Assert.Equal(BackendHealth.Up, _node!.Plane.Routing.Pools["web"].Backends.Single().Health);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            bound.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task ServeAsync(string host)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://{host}:{_port}");
        builder.Logging.ClearProviders();
        WebApplication server = builder.Build();
        server.MapGet("/healthz", () => _probes.AddOrUpdate(host, 1, (_, n) => n + 1));
        server.MapGet("/", () => host);
        await server.StartAsync();
        _servers[host] = server;
    }

    private Task<string> AskAsync() => _client.GetStringAsync($"http://{_node!.Listeners["http"]}/");
}
