using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Event;

namespace ActorLb.Node.Health;

/// <summary>
/// Keeps one monitor for each backend that this node observes, by <see cref="ObserverPolicy"/>, and starts and stops
/// them as members come and go. While there is no cluster, the node observes everything itself.
/// </summary>
internal sealed class HealthSupervisorActor : ReceiveActor, INodeActor
{
    public static string Name => "health";

    private ImmutableDictionary<string, PoolSettings> _pools;
    private readonly string _self;
    private readonly Func<PoolSettings, BackendSettings, int, Props> _monitor;
    private readonly Random _random;
    private readonly IActorRef _board;
    private readonly Dictionary<BackendName, IActorRef> _monitors = [];
    private ImmutableArray<string> _active = [];

    /// <param name="monitor">Makes the Props of a backend's monitor, with a seed.</param>
    public HealthSupervisorActor(
        DataPlane plane,
        Func<PoolSettings, BackendSettings, int, Props> monitor,
        int seed,
        IActorRef board)
    {
        _pools = plane.Routing.Pools.ToImmutableDictionary(p => p.Key, p => p.Value.Settings);
        _self = plane.Settings.Name;
        _monitor = monitor;
        _random = new Random(seed);
        _board = board;
        Receive<MembershipChanged>(m => Assign(m.Active));
        Receive<PoolChanged>(OnPool);
        Receive<PoolRemoved>(OnRemoved);
        Receive<ProbeBackend>(m => _monitors.GetValueOrDefault(m.Backend)?.Forward(m));
    }

    protected override void PreStart()
    {
        Assign([]);
        Context.FollowMembership();
        Context.System.EventStream.Subscribe<PoolChanged>(Self);
        Context.System.EventStream.Subscribe<PoolRemoved>(Self);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void OnPool(PoolChanged changed)
    {
        PoolSettings now = changed.Pool;
        PoolSettings? before = _pools.GetValueOrDefault(now.Name);
        if (before == now)
        {
            return;
        }

        // Who is probed in another way, or elsewhere, is so by a new monitor.
        bool sameProbes = before?.Health == now.Health && before.Tls == now.Tls && before.ProxyProtocol == now.ProxyProtocol && before.Protocol == now.Protocol;
        Dictionary<string, Uri> addresses = now.Backends.ToDictionary(b => b.Id, b => b.Address, StringComparer.Ordinal);
        foreach (BackendSettings backend in before?.Backends ?? [])
        {
            if (!sameProbes || addresses.GetValueOrDefault(backend.Id) != backend.Address)
            {
                Assign(before!, backend, observes: false);
            }
        }

        _pools = _pools.SetItem(now.Name, now);
        Assign(_active);
    }

    private void OnRemoved(PoolRemoved removed)
    {
        if (_pools.TryGetValue(removed.Pool, out PoolSettings? pool))
        {
            foreach (BackendSettings backend in pool.Backends)
            {
                Assign(pool, backend, observes: false);
            }

            _pools = _pools.Remove(removed.Pool);
            Assign(_active);
        }
    }

    private void Assign(ImmutableArray<string> active)
    {
        _active = active;
        foreach (PoolSettings pool in _pools.Values)
        {
            foreach (BackendSettings backend in pool.Backends)
            {
                Assign(pool, backend, ObserverPolicy.Observes(_self, new(pool.Name, backend.Id), active, pool.Health.Observers));
            }
        }

        _board.Tell(new ObservationChanged([.. _monitors.Keys]));
    }

    private void Assign(PoolSettings pool, BackendSettings backend, bool observes)
    {
        var name = new BackendName(pool.Name, backend.Id);
        if (observes && !_monitors.ContainsKey(name))
        {
            _monitors.Add(name, Context.ActorOf(_monitor(pool, backend, _random.Next())));
        }
        else if (!observes && _monitors.Remove(name, out IActorRef? monitor))
        {
            Context.Stop(monitor);
        }
    }
}

/// <summary>Which backends this node observes now. To its board, which withdraws the verdicts on the others.</summary>
internal sealed record ObservationChanged(ImmutableHashSet<BackendName> Observed);
