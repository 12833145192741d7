using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Routing;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>A whole node before servers at loopback addresses of their own, which it finds by a name that leads where a test says.</summary>
public abstract class NamedServers : IAsyncLifetime, INameResolver
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-named-").FullName;
    private readonly ConcurrentDictionary<string, WebApplication> _servers = [];
    private readonly ConcurrentDictionary<string, int> _probes = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false });
    private volatile string[]? _answer;

    /// <summary>Of every server.</summary>
    protected int Port { get; } = LoopbackPorts.Free("127.0.0.2", 1)[0];

    private protected BalancerNode Node { get; private set; } = null!;

    private protected PoolSnapshot Pool => Node.Plane.Routing.Pools["web"];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        foreach (WebApplication server in _servers.Values)
        {
            await server.DisposeAsync();
        }

        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    public Task<ImmutableArray<IPAddress>?> ResolveAsync(string name, CancellationToken cancellation) =>
        Task.FromResult<ImmutableArray<IPAddress>?>(_answer is { } answer ? [.. answer.Select(IPAddress.Parse)] : null);

    /// <summary>Where the name leads from now on; null: the name servers are silent.</summary>
    protected void LeadTo(params string[]? hosts) => _answer = hosts;

    protected int ProbesOf(string host) => _probes.GetValueOrDefault(host);

    private protected async Task StartAsync(PoolSettings pool)
    {
        string address = LoopbackPorts.OwnAddress();
        int port = LoopbackPorts.Free(address, 1)[0];
        NodeSettings settings = TestPools.Node(pool with { Affinity = pool.Affinity with { Keys = [] } }) with
        {
            DataDirectory = _directory,
            Cluster = new ClusterSettings(
                address, port, [new HostPort(address, port)],
                TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), null),
        };
        Node = new BalancerNode(settings, NullLoggerFactory.Instance, TimeProvider.System, this);
        await Node.StartAsync(default);
    }

    /// <summary>A server whose answer is its address.</summary>
    protected async Task ServeAsync(string host)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://{host}:{Port}");
        builder.Logging.ClearProviders();
        WebApplication server = builder.Build();
        server.MapGet("/healthz", () => _probes.AddOrUpdate(host, 1, (_, n) => n + 1));
        server.MapGet("/", () => host);
        await server.StartAsync();
        _servers[host] = server;
    }

    protected Task<string> MetricsAsync() => _client.GetStringAsync(new Uri($"http://{Node.AdminEndpoint}/metrics"));

    protected async Task EndAsync(string host)
    {
        Assert.True(_servers.TryRemove(host, out WebApplication? server));
        await server.DisposeAsync();
    }

    protected async Task<(string Server, string? Cookie)> AskAsync(string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{Node.Listeners["http"]}/");
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        using HttpResponseMessage response = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (
            await response.Content.ReadAsStringAsync(),
            response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set) ? set.Single().Split(';')[0] : cookie);
    }

    // With the second request the node knows the session, and the server is not idle any more.
    protected async Task<(string Server, string? Cookie)> SessionOnAsync(string host)
    {
        while (true)
        {
            (string server, string? cookie) = await AskAsync(null);
            if (server == host)
            {
                Assert.Equal(host, (await AskAsync(cookie)).Server);
                return (server, cookie);
            }
        }
    }

    protected static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            await timer.WaitForNextTickAsync(bound.Token);
        }
    }
}
