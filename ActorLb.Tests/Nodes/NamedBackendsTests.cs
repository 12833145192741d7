using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>A whole node before servers at loopback addresses of their own, found by a name that changes.</summary>
public sealed class NamedBackendsTests : IAsyncLifetime, INameResolver
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-named-").FullName;
    private readonly Dictionary<string, WebApplication> _servers = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false });
    private readonly int _port = LoopbackPorts.Free("127.0.0.2", 1)[0];
    private volatile string[]? _answer;
    private BalancerNode? _node;

    public async Task InitializeAsync()
    {
        await ServeAsync("127.0.0.2");
        await ServeAsync("127.0.0.3");
        _answer = ["127.0.0.2", "127.0.0.3"];
        PoolSettings web = TestPools.Pool("web", []);
        string address = LoopbackPorts.OwnAddress();
        int port = LoopbackPorts.Free(address, 1)[0];
        NodeSettings settings = TestPools.Node(web with { Names = [new NamedBackends("web", _port, 1)], Affinity = web.Affinity with { Keys = [] } }) with
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
        Task.FromResult<ImmutableArray<IPAddress>?>(_answer is { } answer ? [.. answer.Select(IPAddress.Parse)] : null);

    [Fact]
    public async Task A_node_serves_what_its_name_leads_to_from_the_first_request()
    {
        var seen = new HashSet<string>();
        for (int i = 0; i < 4; i++)
        {
            seen.Add((await AskAsync(null)).Server);
        }

        Assert.Equal(["127.0.0.2", "127.0.0.3"], seen.Order());
    }

    [Fact]
    public async Task A_server_that_comes_gets_its_share_and_one_that_leaves_the_name_keeps_its_sessions_until_it_is_down()
    {
        (string home, string? cookie) = await SessionOnAsync("127.0.0.2");
        await ServeAsync("127.0.0.4");
        _answer = ["127.0.0.3", "127.0.0.4"];
        await UntilAsync(async () => (await AskAsync(null)).Server == "127.0.0.4");
        await UntilAsync(() => Task.FromResult(!TakesNewSessions("127.0.0.2")));
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(home, (await AskAsync(cookie)).Server);
            Assert.NotEqual(home, (await AskAsync(null)).Server);
        }

        // A look-up that fails changes nothing.
        _answer = null;
        Assert.Equal(home, (await AskAsync(cookie)).Server);

        await _servers["127.0.0.2"].DisposeAsync();
        _servers.Remove("127.0.0.2");
        (string moved, string? again) = await AskAsync(cookie);
        Assert.NotEqual(home, moved);
        Assert.Equal(moved, (await AskAsync(again)).Server);
        await UntilAsync(() => Task.FromResult(Backends.All(b => !b.StartsWith("127.0.0.2", StringComparison.Ordinal))));
    }

    private IEnumerable<string> Backends => _node!.Plane.Routing.Pools["web"].Backends.Select(b => b.Id);

    private bool TakesNewSessions(string host) =>
        _node!.Plane.Routing.Pools["web"].Backends.Any(b => b.Id.StartsWith(host, StringComparison.Ordinal) && b.TakesNewSessions);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            await timer.WaitForNextTickAsync(bound.Token);
        }
    }

    // With the second request the node knows the session, and the server is not idle any more.
    private async Task<(string Server, string? Cookie)> SessionOnAsync(string host)
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

    private async Task ServeAsync(string host)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://{host}:{_port}");
        builder.Logging.ClearProviders();
        WebApplication server = builder.Build();
        server.MapGet("/healthz", () => "well");
        server.MapGet("/", () => host);
        await server.StartAsync();
        _servers.Add(host, server);
    }

    private async Task<(string Server, string? Cookie)> AskAsync(string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{_node!.Listeners["http"]}/");
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
}
