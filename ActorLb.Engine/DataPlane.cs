using System.Collections.Immutable;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Http2;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Memory;
using ActorLb.Engine.Passwords;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Engine.Rates;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traces;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine;

/// <summary>
/// What the data plane has in its hands, and the only seam between it and the control plane: snapshots and
/// tables come in, notices go out. Lives as long as the process, whatever the actors do.
/// </summary>
public sealed class DataPlane
{
    private readonly Lock _publishing = new();
    private readonly KeysInForce _keys = new();
    private readonly FilterParts _filterParts;
    private RoutingSnapshot _routing;
    private AccessLog? _accessLog;
    private AccessLog? _lastAccessLog;
    private IRebinder _rebinder = IRebinder.Unavailable;
    private bool _isCutOff;

    /// <exception cref="CertificateFileException">A pool names a certificate that cannot be used.</exception>
    /// <exception cref="UsersFileException">A route names a file of users that cannot be used.</exception>
    public DataPlane(NodeSettings settings, TimeProvider time)
    {
        Settings = settings;
        Time = time;
        Clock = new SessionClock(time, settings.Topology.LongestIdleTimeout);
        OperatorMoves = new OperatorMoves(time);
        Sessions = new SessionFeed(settings.SessionFeedLength);
        Traces = new RequestTraces(settings.Traces, time);
        Memory = new MemoryGate(settings.Topology.Limits.Memory, time);
        Connections = new ConnectionLimits(settings.Topology.Limits, Memory);
        Memory.Count(() => (long)Connections.Open * MemoryShares.Connection);
        AccessLog = AccessLog.Of(settings.Topology.AccessLog, AccessLogTotals);
        BackendTls = new BackendTlsTable([], time);
        Rates = new ClusterRates(() => Routing.ClusterLimits, time);
        _filterParts = new FilterParts(Users, Rates.InForce, time);
        _routing = new RoutingSnapshot(Topology.Nothing, new RouteTable([]), ImmutableDictionary<string, PoolSnapshot>.Empty, _filterParts, []);
        Measurements = new NodeMeasurements(() => Routing.Pools.Values.Select(p => (p.Name, p.TrafficById)));
        Apply(settings.Topology);
    }

    /// <summary>As the node was started; what is in force now of what may change is <see cref="Topology"/>.</summary>
    public NodeSettings Settings { get; }

    /// <summary>What is in force now.</summary>
    public Topology Topology => Routing.Topology;

    /// <summary>This node's own clock, which somebody may set.</summary>
    public TimeProvider Time { get; }

    /// <inheritdoc cref="SessionClock.Steady"/>
    public TimeProvider Steady => Clock.Steady;

    /// <summary>What is written into bindings and tickets, and what they are compared with.</summary>
    public SessionClock Clock { get; }

    /// <summary>One per pool.</summary>
    public ImmutableDictionary<string, BindingTable> Tables { get; private set; } = ImmutableDictionary<string, BindingTable>.Empty;

    /// <inheritdoc cref="Tables"/>
    public ImmutableDictionary<string, LearnedSessions> Learned { get; private set; } = ImmutableDictionary<string, LearnedSessions>.Empty;

    /// <inheritdoc cref="Tables"/>
    public ImmutableDictionary<string, RotationCursor> Cursors { get; private set; } = ImmutableDictionary<string, RotationCursor>.Empty;

    /// <inheritdoc cref="Tables"/>
    internal ImmutableDictionary<string, RetryBudget> RetryBudgets { get; private set; } = ImmutableDictionary<string, RetryBudget>.Empty;

    /// <summary>One per pool: its snapshot was replaced, or a circuit to one of its backends closed or was confirmed.</summary>
    internal ImmutableDictionary<string, ChangeSignal> Changes { get; private set; } = ImmutableDictionary<string, ChangeSignal>.Empty;

    public TrafficTable Traffic { get; } = new();

    public SessionFeed Sessions { get; }

    public CircuitFeed Circuits { get; } = new();

    public ConnectionLimits Connections { get; }

    /// <summary>Whether there is room for new work. Looks while the lanes run.</summary>
    public MemoryGate Memory { get; }

    /// <summary>
    /// Other nodes cannot be reached, and no probe has passed since: that a backend cannot be reached either says nothing about it, and no session moves
    /// for it.
    /// </summary>
    public bool IsCutOff
    {
        get => Volatile.Read(ref _isCutOff);
        set => Volatile.Write(ref _isCutOff, value);
    }

    /// <summary>Where backends are reached, for requests and for probes.</summary>
    public BackendAddresses Addresses { get; } = new();

    /// <summary>For requests and for probes.</summary>
    public BackendTlsTable BackendTls { get; }

    /// <summary>Limits of routes that all nodes have together.</summary>
    public ClusterRates Rates { get; }

    /// <summary>Those who may use routes that ask for a password.</summary>
    internal UsersFiles Users { get; } = new();

    /// <summary>Where lines go now; null where it is off.</summary>
    public AccessLog? AccessLog
    {
        get => Volatile.Read(ref _accessLog);
        internal set
        {
            if (value is not null)
            {
                value.Replaces = _lastAccessLog;
                _lastAccessLog = value;
            }

            Volatile.Write(ref _accessLog, value);
        }
    }

    public AccessLogTotals AccessLogTotals { get; } = new();

    public SessionCounters SessionCounters { get; } = new();

    /// <summary>Sessions that operators moved a moment ago.</summary>
    public OperatorMoves OperatorMoves { get; }

    /// <summary>What is counted of requests, by route, pool and backend.</summary>
    public NodeMeasurements Measurements { get; }

    public RequestTraces Traces { get; }

    public ClosedExchanges Closed { get; } = new();

    public FloodCounts Floods { get; } = new();

    public ProxyHeaderCounts ProxyHeaders { get; } = new();

    /// <summary>Something was published for which open exchanges may have to be closed. On the publisher's thread: only pass the word on.</summary>
    public event Action? OpenExchangesConcerned;

    /// <summary>Another topology is in force. On the caller's thread of <see cref="Apply(Topology)"/>: only pass the word on.</summary>
    public event Action? TopologyChanged;

    /// <summary>A pool was published with other backends, operator's states or healths. On the publisher's thread: only pass the word on.</summary>
    public event Action? PoolChanged;

    /// <summary>Backends were forgotten: what is kept for them is to be dropped. On the caller's thread of <see cref="ForgetGone"/>: only pass the word on.</summary>
    public event Action? BackendsForgotten;

    public UnknownKeys UnknownKeys { get; } = new();

    /// <summary>The snapshot that a request takes once and keeps.</summary>
    public RoutingSnapshot Routing => Volatile.Read(ref _routing);

    /// <summary>The keys in force. Empty until the node has found or made them.</summary>
    public TicketKeyRing Keys
    {
        get => _keys.Now;
        set => _keys.Now = value;
    }

    /// <summary>The way to the owners; <see cref="IRebinder.Unavailable"/> while there is no control plane.</summary>
    public IRebinder Rebinder
    {
        get => Volatile.Read(ref _rebinder);
        set => Volatile.Write(ref _rebinder, value);
    }

    /// <summary>Whether a session that lives at a backend is sent there now.</summary>
    public bool Keeps(BackendSnapshot backend, SessionId session) =>
        backend.KeepsSessions && (backend.Moves is null || backend.Keeps(session, Clock.Milliseconds));

    /// <summary>Sessions have moved: has the lanes look at what is open sooner than they would by themselves.</summary>
    public void LookAtOpenExchanges() => OpenExchangesConcerned?.Invoke();

    /// <summary>The pool as it is now; as it was last seen where it is in no topology any more.</summary>
    public PoolSnapshot Now(PoolSnapshot seen) => Routing.Pools.GetValueOrDefault(seen.Name) ?? seen;

    /// <summary>
    /// Puts another topology in force, all of it at once. Backends that stay keep their condition, sessions and counters; those
    /// that go are left by new sessions, and by their own as drains are.
    /// </summary>
    /// <exception cref="CertificateFileException">A pool names a certificate that cannot be used; nothing has changed.</exception>
    /// <exception cref="UsersFileException">A route names a file of users that cannot be used; nothing has changed.</exception>
    public void Apply(Topology next) => Apply(next, BackendTls.Prepare(next.Pools.Values), Users.Prepare(next.Routes));

    /// <summary>The same with what is loaded already.</summary>
    /// <param name="tls">What <see cref="BackendTlsTable.Prepare"/> has loaded for its pools.</param>
    /// <param name="users">What <see cref="UsersFiles.Prepare"/> has loaded for its routes.</param>
    internal void Apply(Topology next, BackendTlsTable.Next tls, UsersFiles.Next users)
    {
        lock (_publishing)
        {
            RoutingSnapshot before = Routing;
            tls.Commit();
            users.Commit();
            Clock.Hold = next.LongestIdleTimeout;
            Tables = Follow(Tables, next, p => new BindingTable(p.Affinity.MaxSessions));
            Learned = Follow(Learned, next, _ => new LearnedSessions(Time));
            Cursors = Follow(Cursors, next, _ => new RotationCursor());
            RetryBudgets = Follow(RetryBudgets, next, _ => new RetryBudget(Steady));
            Changes = Follow(Changes, next, _ => new ChangeSignal());
            foreach (PoolSettings pool in next.Pools.Values)
            {
                Tables[pool.Name].Resize(pool.Affinity.MaxSessions);
                Learned[pool.Name].Limit = Math.Min(LearnedSessions.Max, pool.Affinity.MaxSessions);
            }

            var pools = before.Pools.ToBuilder();
            pools.RemoveRange(before.Pools.Keys.Where(p => !next.Pools.ContainsKey(p)));
            bool mixesSchemes = next.MixesSchemes;
            foreach (PoolSettings pool in next.Pools.Values)
            {
                PoolSnapshot? old = before.Pools.GetValueOrDefault(pool.Name);
                if (old is null || pool != before.Topology.Pools[pool.Name] || (old.Affinity is { } affinity && affinity.MixesSchemes != mixesSchemes))
                {
                    pools[pool.Name] = Adopt(RoutingSnapshots.Changed(
                        old, before.Topology.Pools.GetValueOrDefault(pool.Name), pool, id => Traffic[new BackendName(pool.Name, id)], Cursors[pool.Name], Steady.GetUtcNow(), Clock.UtcNow), old, mixesSchemes);
                }
            }

            var routes = next.Routes == before.Topology.Routes ? before.Routes : new RouteTable(next.Routes);
            RouteMeasurements[] measured = Measurements.Follow(routes.Routes);
            Volatile.Write(ref _routing, new RoutingSnapshot(next, routes, pools.ToImmutable(), _filterParts, measured, before));
        }

        foreach (ChangeSignal changed in Changes.Values)
        {
            changed.Changed();
        }

        OpenExchangesConcerned?.Invoke();
        PoolChanged?.Invoke();
        TopologyChanged?.Invoke();
    }

    /// <summary>Swaps one pool into the snapshot. Several routers may call this at the same time.</summary>
    /// <returns>False: it was made from a topology that is not in force any more, and nothing has changed.</returns>
    public bool Publish(PoolSnapshot pool)
    {
        PoolSnapshot old;
        lock (_publishing)
        {
            if (!Routing.Pools.TryGetValue(pool.Name, out old!) || !IsOf(Topology.Pools[pool.Name], pool.Settings))
            {
                return false;
            }

            Volatile.Write(ref _routing, Routing.With(Adopt(pool, old, Topology.MixesSchemes)));
        }

        Changes.GetValueOrDefault(pool.Name)?.Changed();
        if (pool.ConcernsOpenExchanges(old))
        {
            OpenExchangesConcerned?.Invoke();
            PoolChanged?.Invoke();
        }

        return true;
    }

    /// <summary>
    /// Forgets backends that are in no pool any more once nothing of theirs is open: counters, circuits, failures, kept
    /// connections, addresses. Called regularly; costs nothing where nobody has gone.
    /// </summary>
    public void ForgetGone()
    {
        bool forgets = false;
        lock (_publishing)
        {
            RoutingSnapshot routing = Routing;
            if (Traffic.Count == routing.BackendCount)
            {
                return;
            }

            var present = new HashSet<BackendName>(routing.Pools.Values.SelectMany(p => p.Backends.Select(b => new BackendName(p.Name, b.Id))));
            foreach (BackendName name in Traffic.Keys)
            {
                if (!present.Contains(name) && Traffic.TryGetValue(name, out BackendTraffic? traffic) && traffic.IsIdle)
                {
                    Traffic.Forget(name);
                    Measurements.Forget(traffic);
                    forgets = true;
                }
            }

            if (forgets)
            {
                Addresses.Keep(routing.Pools.Values.SelectMany(p => p.Backends.Select(b => b.Address)).ToHashSet());
            }
        }

        if (forgets)
        {
            BackendsForgotten?.Invoke();
        }
    }

    /// <summary>This node may send new sessions to the backend again: the observers say that it is up.</summary>
    public void CloseCircuit(BackendName backend)
    {
        if (Traffic.TryGetValue(backend, out BackendTraffic? traffic))
        {
            traffic.CloseCircuit(Time.GetTimestamp());
            Confirm(backend);
        }
    }

    /// <summary>The same of a circuit that has to stay open: sessions that live there need not wait for it.</summary>
    public void EndSilence(BackendName backend)
    {
        if (Traffic.TryGetValue(backend, out BackendTraffic? traffic) && traffic.IsSilent)
        {
            traffic.Speak();
            Confirm(backend);
        }
    }

    /// <summary>The observers were asked, and say that the backend is up: what fails is this node's own way to it.</summary>
    public void Confirm(BackendName backend)
    {
        if (Traffic.TryGetValue(backend, out BackendTraffic? traffic))
        {
            traffic.Confirmed(Time.GetTimestamp());
            Changes.GetValueOrDefault(backend.Pool)?.Changed();
        }
    }

    private static ImmutableDictionary<string, T> Follow<T>(ImmutableDictionary<string, T> kept, Topology next, Func<PoolSettings, T> create) =>
        next.Pools.ToImmutableDictionary(p => p.Key, p => kept.TryGetValue(p.Key, out T? one) ? one : create(p.Value));

    // Names add backends, and those that went stay for a while: behind those that are listed.
    private static bool IsOf(PoolSettings written, PoolSettings effective) =>
        written == effective with { Backends = written.Backends }
        && effective.Backends.Length >= written.Backends.Length
        && effective.Backends.AsSpan()[..written.Backends.Length].SequenceEqual(written.Backends.AsSpan());

    private PoolSnapshot Adopt(PoolSnapshot pool, PoolSnapshot? old, bool mixesSchemes)
    {
        for (int i = 0; i < pool.Backends.Length; i++)
        {
            BackendSnapshot backend = pool.Backends[i];
            if (!(i < old?.Backends.Length && ReferenceEquals(old.Backends[i], backend)) && old?.Find(backend.Key) is null)
            {
                Traffic.Keep(new BackendName(pool.Name, backend.Id), backend.Traffic);
            }
        }

        BindingTable table = Tables[pool.Name];
        return pool.With(
            table,
            !pool.Settings.Affinity.IsSticky ? null
            : old?.Affinity is { } affinity && affinity.Settings == pool.Settings.Affinity && affinity.MixesSchemes == mixesSchemes ? affinity
            : new PoolAffinity(pool.Settings, table, Learned[pool.Name], _keys, Sessions, SessionCounters, Settings.Cluster.Name, mixesSchemes),
            RetryBudgets[pool.Name]);
    }
}
