using System.Collections.Frozen;
using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Shared.Routing;

/// <summary>
/// Everything that one request may know about routes, pools, backends, health and operator states. Immutable;
/// a request keeps the one that it took. Replaced as a whole.
/// </summary>
public sealed class RoutingSnapshot
{
    private readonly RouteTable _routes;
    private readonly PoolSnapshot[] _poolOfRoute;

    public RoutingSnapshot(RouteTable routes, ImmutableDictionary<string, PoolSnapshot> pools)
    {
        _routes = routes;
        Pools = pools;
        _poolOfRoute = [.. routes.Routes.Select(r => pools[r.Pool])];
    }

    public ImmutableDictionary<string, PoolSnapshot> Pools { get; }

    /// <summary>The pool that every request goes to, whatever its host and path; null where these decide.</summary>
    public PoolSnapshot? OnlyPool => _routes.TakesEverything ? _poolOfRoute[0] : null;

    /// <summary>The pool of a request, or null where no route fits.</summary>
    /// <inheritdoc cref="RouteTable.Find"/>
    public PoolSnapshot? PoolFor(ReadOnlySpan<char> host, ReadOnlySpan<char> path) =>
        _routes.Find(host, path) is >= 0 and var route ? _poolOfRoute[route] : null;

    public RoutingSnapshot With(PoolSnapshot pool) => new(_routes, Pools.SetItem(pool.Name, pool));
}

/// <summary>One pool at one moment.</summary>
public sealed class PoolSnapshot
{
    private readonly FrozenDictionary<BackendKey, BackendSnapshot> _byKey;

    public PoolSnapshot(
        PoolSettings settings,
        ImmutableArray<BackendSnapshot> backends,
        Rotation rotation,
        RotationCursor cursor)
    {
        Settings = settings;
        Backends = backends;
        Rotation = rotation;
        Cursor = cursor;
        _byKey = backends.ToFrozenDictionary(b => b.Key);
    }

    public string Name => Settings.Name;

    public PoolSettings Settings { get; }

    /// <summary>In the listed order.</summary>
    public ImmutableArray<BackendSnapshot> Backends { get; }

    /// <summary>Turns of those backends that take new sessions; indices are into <see cref="Backends"/>.</summary>
    public Rotation Rotation { get; }

    public RotationCursor Cursor { get; }

    public BackendSnapshot? Find(BackendKey key) => _byKey.GetValueOrDefault(key);

    /// <summary>
    /// Where a session whose backend is gone goes: the highest-ranked backend that takes new sessions, without
    /// the one that just failed. Every node and every owner comes to the same answer. Null where there is none.
    /// </summary>
    public BackendSnapshot? NewHome(SessionId session, BackendKey failed)
    {
        Span<Rendezvous.Candidate> candidates = Backends.Length <= 64
            ? stackalloc Rendezvous.Candidate[Backends.Length]
            : new Rendezvous.Candidate[Backends.Length];
        int count = 0;
        foreach (BackendSnapshot backend in Backends)
        {
            if (backend.TakesNewSessions && backend.Key != failed)
            {
                candidates[count++] = new Rendezvous.Candidate(backend.Key, backend.Weight);
            }
        }

        int chosen = Rendezvous.Choose(session, candidates[..count]);
        return chosen < 0 ? null : Find(candidates[chosen].Key);
    }
}

/// <summary>One backend at one moment, and where this node counts what it sees of it.</summary>
/// <param name="Weight">As the operator set it.</param>
/// <param name="TurnWeight">Its weight in the rotation now; lower than <paramref name="Weight"/> during slow start.</param>
/// <param name="Since">When its health last changed.</param>
/// <param name="TakesNewSessions">May be picked by the rotation and as a new home.</param>
/// <param name="KeepsSessions">Sessions bound to it are sent to it.</param>
public sealed record BackendSnapshot(
    string Id,
    BackendKey Key,
    Uri Address,
    int Weight,
    int TurnWeight,
    BackendHealth Health,
    OperatorState Operator,
    DateTimeOffset? DrainDeadline,
    DateTimeOffset Since,
    bool TakesNewSessions,
    bool KeepsSessions,
    BackendTraffic Traffic)
{
    /// <summary>What a probe that failed said, while it is down; else empty.</summary>
    public string WhyDown { get; init; } = "";

    /// <summary>The operator's decision from which <see cref="Operator"/> comes; null: there is none.</summary>
    public OperatorDecision? Decision { get; init; }

    /// <summary>The drain's deadline has passed: what is still open there is closed.</summary>
    public bool DrainOver { get; init; }

    /// <summary>Requests that this node has here at a time, at most; 0 is no limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary>For the forwarder: scheme, host and port with a trailing slash.</summary>
    public string Prefix { get; } = Address.GetLeftPart(UriPartial.Authority) + "/";
}
