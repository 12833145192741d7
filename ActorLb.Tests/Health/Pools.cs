using System.Collections.Immutable;
using System.Net;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Health;

/// <summary>Settings as an operator could have written them, for tests to vary by <c>with</c>.</summary>
internal static class Pools
{
    public static readonly HealthSettings Health = new(
        ProbeKind.Http,
        Path: "/healthz",
        Expect: [new StatusRange(200, 299)],
        BodyContains: "",
        HostHeader: "",
        Interval: TimeSpan.FromSeconds(2),
        FastInterval: TimeSpan.FromSeconds(1),
        Timeout: TimeSpan.FromSeconds(1),
        Rise: 2,
        Fall: 2,
        Observers: 3,
        new PassiveSettings(Failures: 3, Window: TimeSpan.FromSeconds(10), Statuses: []));

    private static readonly AffinitySettings NoAffinity = new(
        AffinityMode.Off,
        new CookieSettings("ALB", "/", "", CookieSameSite.Lax, CookieSecure.Auto, HttpOnly: true, MaxAge: null),
        IdleTimeout: TimeSpan.FromMinutes(30),
        MaxSessions: 1000,
        RebindTimeout: TimeSpan.FromMilliseconds(250),
        Keys: []);

    public static BackendSettings Backend(string id, int weight = 1) => new(id, new Uri($"http://{id}.invalid:80"), weight);

    /// <summary>A pool named web.</summary>
    public static PoolSettings Web(params BackendSettings[] backends) => new(
        "web", [.. backends], NoAffinity, Health, RetryAttempts: 2, SlowStart: TimeSpan.Zero, WhenAllDown.Refuse, RetryAfter: TimeSpan.FromSeconds(1));

    /// <summary>A pool named web of backends with weight 1.</summary>
    public static PoolSettings Web(params string[] ids) => Web([.. ids.Select(id => Backend(id))]);

    public static NodeSettings Node(string name, string dataDirectory, params PoolSettings[] pools) => new(
        name,
        dataDirectory,
        FlushInterval: TimeSpan.FromMilliseconds(500),
        ShutdownTimeout: TimeSpan.FromSeconds(5),
        new ClusterSettings("127.0.0.1", 0, [], TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500), Tls: null),
        new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0)),
        new Topology(
            [],
            [new RouteSettings("*", "/", pools[0].Name)],
            pools.ToImmutableDictionary(p => p.Name),
            Limits));

    private static LimitSettings Limits => new(
        RequestLineBytesMax: 8192,
        HeaderBytesMax: 32768,
        HeaderCountMax: 100,
        BodyBytesMax: 0,
        ConnectionsMax: 1000,
        HeaderTimeout: TimeSpan.FromSeconds(10),
        IdleTimeout: TimeSpan.FromSeconds(60),
        BodyTimeout: TimeSpan.FromSeconds(30),
        ConnectTimeout: TimeSpan.FromSeconds(2),
        ResponseTimeout: TimeSpan.FromSeconds(60),
        BackendIdleTimeout: TimeSpan.FromSeconds(30));
}
