using System.Collections.Immutable;
using System.Net;
using System.Text.RegularExpressions;
using ActorLb.Engine;
using ActorLb.Engine.Health;
using ActorLb.Engine.Lanes;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What a test wants of its lane beside the defaults.</summary>
internal sealed record LaneOptions
{
    public bool Sticky { get; init; } = true;

    public AffinityMode Affinity { get; init; } = AffinityMode.Cookie;

    public TimeSpan FirstBurst { get; init; }

    public int RetryAttempts { get; init; } = 2;

    public RetrySettings Retry { get; init; } = RetrySettings.Plain;

    public int PassiveFailures { get; init; } = 1000;

    public ImmutableArray<StatusRange> PassiveStatuses { get; init; } = [];

    /// <summary>As many of the last backends are backups.</summary>
    public int Backups { get; init; }

    public int MaxConnections { get; init; }

    public BalanceSettings Balance { get; init; } = BalanceSettings.RoundRobin;

    public QueueSettings Queue { get; init; } = new(100, TimeSpan.FromSeconds(30));

    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    public AccessLogSettings AccessLog { get; init; } = AccessLogSettings.Off;

    public string Host { get; init; } = "*";

    public long BodyBytesMax { get; init; }

    public int ConnectionsMax { get; init; }

    public int ConnectionsPerAddressMax { get; init; }

    public long Memory { get; init; }

    public long BodyRateMin { get; init; }

    public long ReadRateMin { get; init; }

    public TimeSpan RateWindow { get; init; } = TimeSpan.FromSeconds(2);

    public int RequestLineBytesMax { get; init; } = 8192;

    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan TunnelTimeout { get; init; }

    public TimeSpan TunnelGrace { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan SessionIdleTimeout { get; init; } = TimeSpan.FromMinutes(30);

    public WhenDown WhenDown { get; init; }

    public ImmutableArray<string> Upgrades { get; init; } = ["websocket"];

    public int HeaderBytesMax { get; init; } = 32768;

    public string Path { get; init; } = "/";

    /// <summary>What the route says beside host and path.</summary>
    public Func<RouteSettings, RouteSettings> Conditions { get; init; } = r => r;

    public TimeSpan BackendIdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan ConnectionAgeMax { get; init; }

    public TimeSpan? PoolResponseTimeout { get; init; }

    public TimeSpan? PoolBackendIdleTimeout { get; init; }

    public BackendTlsSettings BackendTls { get; init; } = BackendTlsSettings.Default;

    public ImmutableArray<IPNetwork> TrustedProxies { get; init; } = [];

    public bool AcceptsProxyProtocol { get; init; }

    public ProxyHeaderVersion PoolProxyProtocol { get; init; }

    public BackendProtocol Protocol { get; init; }

    public Http2BackendSettings BackendHttp2 { get; init; } = Http2BackendSettings.Default;

    public ListenerHttp2 Http2 { get; init; } = ListenerHttp2.On;

    public bool Via { get; init; }

    public bool AuthenticatesProxies { get; init; }

    /// <summary>Each loop keeps connections of its own: with one, all clients meet the same. 0: one per core.</summary>
    public int Loops { get; init; }

    public bool TicketsOnCacheable { get; init; }

    public ListenerTlsSettings? Tls { get; init; }

    /// <summary>What the listener says beside.</summary>
    public Func<ListenerSettings, ListenerSettings> Listener { get; init; } = l => l;

    public TraceSettings Traces { get; init; } = TraceSettings.Off;

    public ListenerEngine Engine { get; init; } = ListenerEngine.Kestrel;

    /// <summary>What the listener asks for, where that is not <see cref="Engine"/>.</summary>
    public ListenerEngine? AskedEngine { get; init; }
}

/// <summary>A data plane with a real lane on a free loopback port, and no control plane.</summary>
internal sealed class TestLane : IAsyncDisposable
{
    public const string ListenerName = "http";

    private TestLane(DataPlane plane, LaneGroup lane)
    {
        Plane = plane;
        Group = lane;
        Client = new HttpClient(Handler()) { BaseAddress = new Uri($"http://{lane.Endpoints["http"]}") };
    }

    public DataPlane Plane { get; }

    public LaneGroup Group { get; }

    public LaneGroup Lane => Group;

    /// <summary>What the lanes go by now.</summary>
    public Topology Topology => Plane.Topology;

    /// <summary>Keeps no cookies, follows nothing.</summary>
    public HttpClient Client { get; }

    public IPEndPoint Endpoint => Lane.Endpoints["http"];

    public static Task<TestLane> StartAsync(params Uri[] backends) => StartAsync(new LaneOptions(), backends);

    public static Task<TestLane> StartAsync(ListenerEngine engine, params Uri[] backends) =>
        StartAsync(engine, new LaneOptions(), backends);

    public static Task<TestLane> StartAsync(ListenerEngine engine, LaneOptions options, params Uri[] backends) =>
        StartAsync(options with { Engine = engine }, backends);

    public static async Task<TestLane> StartAsync(LaneOptions options, params Uri[] backends)
    {
        NodeSettings settings = Settings(options, backends);
        var plane = new DataPlane(settings, TimeProvider.System) { Keys = TicketKeyRing.Of([TicketKey.FromText("a key of the nodes")]) };
        var lane = LaneGroup.Build(
            plane, new TrafficDirector(plane), new PassiveHealth(plane), settings, options.Loggers);
        await lane.StartAsync(CancellationToken.None);
        return new TestLane(plane, lane);
    }

    public static SocketsHttpHandler Handler() => new() { UseCookies = false, AllowAutoRedirect = false, UseProxy = false };

    /// <summary>Has the lanes go over to another topology, as a node does.</summary>
    public async Task ApplyAsync(Func<Topology, Topology> change)
    {
        Topology next = change(Topology);
        await using PreparedLanes prepared = Group.Prepare(next);
        await prepared.CommitAsync();
    }

    /// <summary>The same for its listener.</summary>
    public Task ApplyAsync(Func<ListenerSettings, ListenerSettings> change) =>
        ApplyAsync(t => t with { Listeners = [change(t.Listeners[0]), .. t.Listeners.Skip(1)] });

    public BackendTraffic Traffic(Uri backend) => Plane.Traffic[new BackendName("web", backend.Authority)];

    /// <summary>Publishes what is known of one backend now; of the others, that they are up and ready.</summary>
    public void Publish(Uri backend, BackendHealth health = BackendHealth.Up, OperatorState state = OperatorState.Ready, bool drainOver = false, SessionMoves? moves = null)
    {
        var condition = new BackendCondition(health, DateTimeOffset.UnixEpoch, state, drainOver ? DateTimeOffset.UnixEpoch : null, drainOver, 1)
        {
            Decision = moves is null ? null : new OperatorDecision(new BackendName("web", backend.Authority), state, null, 1, "n1") { Moves = moves },
        };
        var well = new BackendCondition(BackendHealth.Up, DateTimeOffset.UnixEpoch, OperatorState.Ready, null, false, 1);
        Plane.Publish(RoutingSnapshots.Pool(
            Plane.Topology.Pools["web"],
            id => id == backend.Authority ? condition : well,
            id => Plane.Traffic[new BackendName("web", id)],
            Plane.Cursors["web"]));
    }

    public async Task<string> GetAsync(string path = "/", string? cookie = null)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, path, cookie);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? cookie = null, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await Lane.StopAsync(now.Token);
        await Lane.DisposeAsync();
    }

    public static string? TicketOf(HttpResponseMessage response, string cookie = "ALB") =>
        response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? values)
            ? values.SingleOrDefault(v => v.StartsWith(cookie + "=", StringComparison.Ordinal))?.Split(';')[0]
            : null;

    public static string? ReasonOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-ActorLb-Reason", out IEnumerable<string>? values) ? values.Single() : null;

    /// <summary>Waits until a condition holds; fails after half a minute.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private static NodeSettings Settings(LaneOptions options, Uri[] backends)
    {
        var pool = new PoolSettings(
            "web",
            [.. backends.Select((b, i) => new BackendSettings(b.Authority, b, 1) { IsBackup = i >= backends.Length - options.Backups })],
            new AffinitySettings(
                options.Sticky ? options.Affinity : AffinityMode.Off,
                new CookieSettings("ALB", "/", "", CookieSameSite.Lax, CookieSecure.Auto, true, null) { OnCacheable = options.TicketsOnCacheable },
                options.SessionIdleTimeout,
                10_000,
                TimeSpan.FromMilliseconds(250),
                [TicketKey.FromText("a key for tests")]) { Header = "X-Session", LearnedCookie = "JSESSIONID", FirstBurst = options.FirstBurst },
            new HealthSettings(
                ProbeKind.Http, "/", [new StatusRange(200, 299)], "", "", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1),
                TimeSpan.FromSeconds(1), 2, 2, 3, new PassiveSettings(options.PassiveFailures, TimeSpan.FromSeconds(10), options.PassiveStatuses) { EjectionTime = TimeSpan.FromSeconds(10) }),
            options.RetryAttempts,
            TimeSpan.Zero,
            WhenAllDown.Refuse,
            TimeSpan.FromSeconds(3))
        {
            MaxConnections = options.MaxConnections,
            Balance = options.Balance,
            Retry = options.Retry,
            Queue = options.Queue,
            AuthenticatesProxies = options.AuthenticatesProxies,
            WhenDown = options.WhenDown,
            Upgrades = options.Upgrades,
            ResponseTimeout = options.PoolResponseTimeout,
            BackendIdleTimeout = options.PoolBackendIdleTimeout,
            Tls = options.BackendTls,
            ProxyProtocol = options.PoolProxyProtocol,
            Protocol = options.Protocol,
            Http2 = options.BackendHttp2,
        };
        var listener = new ListenerSettings(
            ListenerName, new IPEndPoint(IPAddress.Loopback, 0), options.AskedEngine ?? (options.Tls is null ? options.Engine : ListenerEngine.Kestrel), options.Loops, options.Http2, options.Tls, options.TrustedProxies, options.Via)
        {
            AcceptsProxyProtocol = options.AcceptsProxyProtocol,
        };
        return new NodeSettings(
            "test",
            "",
            TimeSpan.FromMilliseconds(500),
            TimeSpan.FromSeconds(10),
            new ClusterSettings("127.0.0.1", 0, [], TimeSpan.Zero, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500), null),
            new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0)),
            new Topology(
                [options.Listener(listener)],
                [options.Conditions(new RouteSettings(options.Host, options.Path, "web"))],
                ImmutableDictionary<string, PoolSettings>.Empty.Add("web", pool),
                new LimitSettings(
                    options.RequestLineBytesMax, options.HeaderBytesMax, 100, options.BodyBytesMax, options.ConnectionsMax, options.HeaderTimeout, options.IdleTimeout,
                    options.BodyTimeout, options.ConnectTimeout, options.ResponseTimeout, options.BackendIdleTimeout)
                {
                    TunnelTimeout = options.TunnelTimeout,
                    TunnelGrace = options.TunnelGrace,
                    ConnectionAgeMax = options.ConnectionAgeMax,
                    Memory = options.Memory,
                    BodyRateMin = options.BodyRateMin,
                    ReadRateMin = options.ReadRateMin,
                    RateWindow = options.RateWindow,
                    ConnectionsPerAddressMax = options.ConnectionsPerAddressMax,
                })
            {
                AccessLog = options.AccessLog,
            })
        {
            Traces = options.Traces,
        };
    }
}

internal static partial class Text
{
    /// <summary>A port or loopback address in what a client can see would name a backend.</summary>
    public static void NamesNoBackend(HttpResponseMessage response, params Uri[] backends)
    {
        string head = response.Headers + response.Content.Headers.ToString();
        foreach (Uri backend in backends)
        {
            Assert.DoesNotContain(backend.Authority, head, StringComparison.Ordinal);
            Assert.DoesNotMatch($@"\b{backend.Port}\b", Ticket().Replace(head, ""));
        }
    }

    [GeneratedRegex("ALB=[^;]*")]
    private static partial Regex Ticket();
}
