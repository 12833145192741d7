using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using CsCheck;

namespace ActorLb.Tests.Sessions;

/// <summary>Settings, snapshots and random bindings for the tests of affinity: one pool "web" with backends web-1 to web-4.</summary>
internal static class SessionWorld
{
    public const string Pool = "web";

    public static readonly BackendKey X = BackendKey.Of("web-1");
    public static readonly BackendKey Y = BackendKey.Of("web-2");
    public static readonly BackendKey Z = BackendKey.Of("web-3");
    public static readonly BackendKey W = BackendKey.Of("web-4");

    public static readonly ImmutableArray<BackendKey> Backends = [X, Y, Z, W];

    public static NodeSettings Settings(
        string name = "n1", string dataDirectory = "unused", int maxSessions = 100_000, TimeSpan? joinTimeout = null, int backends = 4, TimeSpan? idleTimeout = null) =>
        new(
            name,
            dataDirectory,
            TimeSpan.FromMilliseconds(500),
            TimeSpan.FromSeconds(10),
            new ClusterSettings("127.0.0.1", 0, [], joinTimeout ?? TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500), null),
            new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0)),
            new Topology(
                [],
                [new RouteSettings("*", "/", Pool)],
                ImmutableDictionary<string, PoolSettings>.Empty.Add(Pool, PoolOf(maxSessions, backends, idleTimeout)),
                new LimitSettings(
                    8192, 32768, 100, 0, 1000,
                    TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1),
                    TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30))))
        {
            SessionFeedLength = 10_000,
        };

    /// <summary>The pool with all backends up, but for those that are down or drain.</summary>
    /// <param name="moves">Of those that drain.</param>
    /// <param name="over">The deadline of those that drain has passed.</param>
    public static PoolSnapshot Snapshot(
        IEnumerable<BackendKey>? down = null, IEnumerable<BackendKey>? draining = null, int backends = 4, SessionMoves? moves = null, bool over = false)
    {
        PoolSettings pool = PoolOf(1000, backends);
        return RoutingSnapshots.Pool(
            pool,
            id => Condition(BackendKey.Of(id), down ?? [], draining ?? [], moves, over),
            _ => new BackendTraffic(),
            new RotationCursor());
    }

    /// <summary>Swaps the pool's snapshot in a plane, as its router would.</summary>
    public static void Publish(DataPlane plane, params BackendKey[] down) =>
        plane.Publish(RoutingSnapshots.Pool(
            plane.Topology.Pools[Pool],
            id => Condition(BackendKey.Of(id), down, []),
            id => plane.Traffic[new BackendName(Pool, id)],
            plane.Cursors[Pool]));

    public static SessionId NewSession() =>
        SessionId.Read(Guid.NewGuid().ToByteArray());

    /// <summary>The same with one that drains; the others are up but for those that are down.</summary>
    public static void PublishDraining(DataPlane plane, BackendKey draining, SessionMoves? moves = null, bool over = false, BackendKey[]? down = null) =>
        plane.Publish(RoutingSnapshots.Pool(
            plane.Topology.Pools[Pool],
            id => Condition(BackendKey.Of(id), down ?? [], [draining], moves, over),
            id => plane.Traffic[new BackendName(Pool, id)],
            plane.Cursors[Pool]));

    public static readonly Gen<SessionId> GenSession = Gen.Select(Gen.ULong, Gen.ULong, (high, low) => new SessionId(high, low));

    /// <summary>One of a few sessions of one bucket, so that random bindings meet.</summary>
    public static readonly Gen<SessionId> GenCrowdedSession =
        Gen.Select(Gen.ULong[0, 15], Gen.ULong[0, 2], (page, low) => new SessionId(page << 50, low));

    public static readonly Gen<Binding> GenCrowdedBinding = Gen.Select(
        GenCrowdedSession,
        Gen.Int[0, 3],
        Gen.UInt[1, 4],
        Gen.UInt[1_000, 1_020],
        (id, backend, version, seen) => new Binding(id, Backends[backend], version, seen));

    private static PoolSettings PoolOf(int maxSessions, int backends, TimeSpan? idleTimeout = null) =>
        new(
            Pool,
            [.. Enumerable.Range(1, backends).Select(i => new BackendSettings($"web-{i}", new Uri($"http://127.0.0.1:{9000 + i}"), 1))],
            new AffinitySettings(
                AffinityMode.Cookie,
                new CookieSettings("ALB", "/", "", CookieSameSite.Lax, CookieSecure.Auto, true, null),
                idleTimeout ?? TimeSpan.FromMinutes(30),
                maxSessions,
                TimeSpan.FromMilliseconds(250),
                []),
            new HealthSettings(
                ProbeKind.Tcp, "/", [new StatusRange(200, 299)], "", "",
                TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 2, 2, 3,
                new PassiveSettings(3, TimeSpan.FromSeconds(10), [])),
            2,
            TimeSpan.Zero,
            WhenAllDown.Refuse,
            TimeSpan.FromSeconds(1));

    private static BackendCondition Condition(
        BackendKey key, IEnumerable<BackendKey> down, IEnumerable<BackendKey> draining, SessionMoves? moves = null, bool over = false)
    {
        bool drains = draining.Contains(key);
        return new(
            down.Contains(key) ? BackendHealth.Down : BackendHealth.Up,
            DateTimeOffset.UnixEpoch,
            drains ? OperatorState.Draining : OperatorState.Ready,
            drains && over ? DateTimeOffset.UnixEpoch : null,
            drains && over,
            1)
        {
            Decision = drains ? new OperatorDecision(new BackendName(Pool, "of the test"), OperatorState.Draining, null, 1, "n1") { Moves = moves } : null,
        };
    }
}
