using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Event;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Routing;

/// <summary>
/// Tells what the backends of one pool are: those that are listed, what its names lead to, which it looks up every second, and
/// what was the one or the other and still has sessions. A look-up that fails keeps the last set.
/// <see cref="NamedBackendsState"/> decides.
/// </summary>
internal sealed class PoolBackendsActor : ReceiveActor, IWithTimers
{
    /// <summary>A stub resolver does not tell how long an answer holds; Compose and Kubernetes change theirs at once.</summary>
    private static readonly TimeSpan LookUpInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(2);

    /// <summary>After this every node that can look the name up has done so.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(1.2);

    private PoolSettings _pool;
    private readonly DataPlane _plane;
    private readonly INameResolver _resolver;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly HashSet<NamedBackends> _unresolved = [];
    private NamedBackendsState _state;
    private IReadOnlyDictionary<string, ToldBackend> _others = new Dictionary<string, ToldBackend>();
    private ImmutableArray<BackendSettings> _told;

    public PoolBackendsActor(
        string pool, DataPlane plane, INameResolver resolver, ILogger<PoolBackendsActor> logger, TimeProvider time)
    {
        _pool = plane.Topology.Pools[pool];
        _plane = plane;
        _resolver = resolver;
        _logger = logger;
        _time = time;
        _told = plane.Routing.Pools[pool].Settings.Backends;
        _state = NamedBackendsState.Start(_pool, _told);
        Receive<Tick>(_ => Begin());
        Receive<LookedUp>(m => m.Pool == _pool, OnLookedUp);
        Receive<LookedUp>(_ => Continue());
        Receive<PoolRewritten>(m => OnRewritten(m.Pool));
        Receive<ToldBackendsChanged>(m => OnTold(m.Told.Of(pool)));
        Receive<BackendHealthChanged>(
            m => m.Backend.Pool == pool && m.Health == BackendHealth.Down,
            m => _state = _state.Without(m.Backend.Id));
        Receive<BackendHealthChanged>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe<BackendHealthChanged>(Self);
        Context.System.EventStream.Subscribe<ToldBackendsChanged>(Self);
        Context.System.Own<KnownBackendsActor>().Tell(AskTold.Instance);
        Publish(_told);
        Continue(TimeSpan.Zero);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void OnRewritten(PoolSettings pool)
    {
        _pool = pool;
        _unresolved.Clear();
        if (_plane.Routing.Pools.TryGetValue(pool.Name, out PoolSnapshot? known))
        {
            _told = known.Settings.Backends;
            _state = NamedBackendsState.Start(pool, _told).WithTold(_others, _plane.Clock.UtcNow);
            Tell(_state.Backends(_plane.Clock.UtcNow, SettleTime));
            Continue(TimeSpan.Zero);
        }
    }

    // What other nodes know is told every few seconds; that it is the same is seen at once.
    private void OnTold(IReadOnlyDictionary<string, ToldBackend> others)
    {
        if (others.Count == _others.Count && others.All(o => _others.GetValueOrDefault(o.Key) == o.Value))
        {
            return;
        }

        _others = others;
        DateTimeOffset now = _plane.Clock.UtcNow;
        _state = _state.WithTold(others, now);
        ImmutableArray<BackendSettings> backends = _state.Backends(now, SettleTime);
        if (!backends.AsSpan().SequenceEqual(_told.AsSpan()))
        {
            Tell(backends);
            Continue();
        }
    }

    // Where all backends are listed there is nothing to look at.
    private void Continue(TimeSpan? after = null)
    {
        if (!_pool.Names.IsEmpty || _state.Gone.Any())
        {
            Timers.StartSingleTimer(Tick.Instance, Tick.Instance, after ?? LookUpInterval);
        }
    }

    private void Begin()
    {
        IActorRef self = Self;
        PoolSettings pool = _pool;
        _ = TellAsync();

        async Task TellAsync()
        {
            ImmutableArray<IPAddress>?[] found = await Task.WhenAll(pool.Names.Select(async name =>
            {
                using var timeout = new CancellationTokenSource(LookUpTimeout, _time);
                return FamilyPolicy.Choose(await _resolver.TryAllAsync(name.Host, timeout.Token), name.Family);
            }));
            self.Tell(new LookedUp(pool, [.. found]));
        }
    }

    private void OnLookedUp(LookedUp lookedUp)
    {
        DateTimeOffset now = _plane.Clock.UtcNow;
        foreach ((NamedBackends name, ImmutableArray<IPAddress>? addresses) in _pool.Names.Zip(lookedUp.Addresses))
        {
            if (addresses is { } found)
            {
                _unresolved.Remove(name);
                _state = _state.With(name, found, now);
            }
            else if (_unresolved.Add(name))
            {
                Log.PoolNameUnresolved(_logger, name.Host, _pool.Name);
            }
        }

        ForgetGone();
        Tell(_state.Backends(now, SettleTime));
        Continue();
    }

    // Its process may live on where it only left the name: it is a backend for as long as somebody's session may be there.
    private void ForgetGone()
    {
        string[] gone = [.. _state.Gone];
        if (gone.Length == 0)
        {
            return;
        }

        if (!_plane.Routing.Pools.TryGetValue(_pool.Name, out PoolSnapshot? pool))
        {
            return;
        }

        Dictionary<BackendKey, int> sessions = pool.Table.CountByBackend(
            _plane.Clock.Ending, _pool.Affinity.IdleTimeout);
        foreach (string id in gone)
        {
            BackendSnapshot? backend = pool.Find(BackendKey.Of(id));
            bool isIdle = backend is { TakesNewSessions: false, Traffic.InFlight: 0 } && ((!backend.KeepsSessions && !backend.DrainOver) || sessions.GetValueOrDefault(backend.Key) == 0);
            if (isIdle || backend is { Health: BackendHealth.Down })
            {
                _state = _state.Without(id);
            }
        }
    }

    // Told every time: whoever just began listening has missed the last one.
    private void Tell(ImmutableArray<BackendSettings> backends)
    {
        if (!backends.AsSpan().SequenceEqual(_told.AsSpan()))
        {
            Log.PoolBackendsChanged(_logger, _pool.Name, string.Join(", ", backends.Select(b => b.TakesNewSessions ? b.Id : $"({b.Id})")));
            _told = backends;
        }

        Publish(backends);
    }

    private void Publish(ImmutableArray<BackendSettings> backends) =>
        Context.System.EventStream.Publish(new PoolChanged(_pool with { Backends = backends }));

    /// <param name="Pool">As it was when the look-up began.</param>
    private sealed record LookedUp(PoolSettings Pool, ImmutableArray<ImmutableArray<IPAddress>?> Addresses);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
