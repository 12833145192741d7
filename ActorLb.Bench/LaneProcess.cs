using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine;
using ActorLb.Engine.Health;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorLb.Bench;

/// <summary>One data plane with the Kestrel lane, tickets and forwarded fields on, and no control plane.</summary>
internal static class LaneProcess
{
    public static async Task<int> RunAsync(ListenerEngine engine, string listen, string[] backends)
    {
        NodeSettings settings = Settings(engine, IPEndPoint.Parse(listen), backends);
        var plane = new DataPlane(settings, TimeProvider.System);
        await using var lane = LaneGroup.Build(
            plane, new TrafficDirector(plane), new PassiveHealth(plane), settings, NullLoggerFactory.Instance);
        await lane.StartAsync(CancellationToken.None);
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    private static NodeSettings Settings(ListenerEngine engine, IPEndPoint listen, string[] backends)
    {
        var pool = new PoolSettings(
            "web",
            [.. backends.Select(b => new BackendSettings(b, new Uri("http://" + b), 1))],
            new AffinitySettings(
                AffinityMode.Cookie,
                new CookieSettings("ALB", "/", "", CookieSameSite.Lax, CookieSecure.Auto, true, null),
                TimeSpan.FromMinutes(30),
                1_000_000,
                TimeSpan.FromMilliseconds(250),
                [TicketKey.FromText("a key for measuring only")]),
            new HealthSettings(
                ProbeKind.Http, "/", [new StatusRange(200, 299)], "", "", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1),
                TimeSpan.FromSeconds(1), 2, 2, 3, new PassiveSettings(3, TimeSpan.FromSeconds(10), [])),
            2,
            TimeSpan.Zero,
            WhenAllDown.Refuse,
            TimeSpan.FromSeconds(2));
        return new NodeSettings(
            "bench",
            "",
            TimeSpan.FromMilliseconds(500),
            TimeSpan.FromSeconds(10),
            new ClusterSettings("127.0.0.1", 0, [], TimeSpan.Zero, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500), null),
            new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0), null),
            [new ListenerSettings("http", listen, engine, 1, false, null, [], false)],
            [new RouteSettings("*", "/", "web")],
            ImmutableDictionary<string, PoolSettings>.Empty.Add("web", pool),
            new LimitSettings(
                8192, 32768, 100, 0, 0, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(30),
                TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30), 65536));
    }
}
