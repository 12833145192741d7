using System.Collections.Immutable;
using System.Net;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests;

/// <summary>Settings made by hand for tests that need no configuration file.</summary>
internal static class TestPools
{
    public static readonly TicketKey Key = TicketKey.FromText("a key for tests, long enough");

    public static PoolSettings Pool(string name, params string[] addresses) => new(
        name,
        [.. addresses.Select(a => new BackendSettings(new Uri(a).Authority, new Uri(a), 1))],
        new AffinitySettings(
            AffinityMode.Cookie,
            new CookieSettings("ALB", "/", "", CookieSameSite.Lax, CookieSecure.Auto, true, null),
            TimeSpan.FromMinutes(30),
            1000,
            TimeSpan.FromMilliseconds(250),
            [Key]),
        new HealthSettings(
            ProbeKind.Http,
            "/healthz",
            [new StatusRange(200, 299)],
            "",
            "",
            TimeSpan.FromSeconds(2),
            TimeSpan.FromMilliseconds(500),
            TimeSpan.FromSeconds(1),
            2,
            2,
            3,
            new PassiveSettings(3, TimeSpan.FromSeconds(10), [])),
        2,
        TimeSpan.Zero,
        WhenAllDown.Refuse,
        TimeSpan.FromSeconds(5));

    public static NodeSettings Node(params PoolSettings[] pools) => new(
        "test",
        "data",
        TimeSpan.FromMilliseconds(500),
        TimeSpan.FromSeconds(5),
        new ClusterSettings("127.0.0.1", 0, [], TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500), null),
        new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0)),
        new Topology(
            [new ListenerSettings("http", new IPEndPoint(IPAddress.Loopback, 0), ListenerEngine.Auto, 0, ListenerHttp2.On, null, [], false)],
            [.. pools.Select((p, i) => new RouteSettings("*", i == 0 ? "/" : "/" + p.Name, p.Name))],
            pools.ToImmutableDictionary(p => p.Name),
            Limits));

    /// <summary>The same with this pool as it is now.</summary>
    public static Topology WithPool(this Topology topology, PoolSettings pool) => topology with { Pools = topology.Pools.SetItem(pool.Name, pool) };

    /// <summary>The same node with a changed topology.</summary>
    public static NodeSettings With(this NodeSettings settings, Func<Topology, Topology> change) =>
        settings with { Topology = change(settings.Topology) };

    public static readonly LimitSettings Limits = new(
        8192,
        32768,
        100,
        0,
        0,
        TimeSpan.FromSeconds(15),
        TimeSpan.FromSeconds(130),
        TimeSpan.FromSeconds(30),
        TimeSpan.FromSeconds(2),
        TimeSpan.FromSeconds(30),
        TimeSpan.FromSeconds(30));
}
