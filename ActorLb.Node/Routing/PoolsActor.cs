using System.Globalization;
using ActorLb.Engine;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;
using Akka.Actor;

namespace ActorLb.Node.Routing;

/// <summary>
/// Follows the topology in force: each of its pools has a router and an actor that tells what its backends are, and the node's
/// other actors hear of pools that have come, changed or gone.
/// </summary>
internal sealed class PoolsActor : ReceiveActor, INodeActor
{
    public static string Name => "pools";

    private readonly DataPlane _plane;
    private readonly Func<string, Props> _router;
    private readonly Func<string, Props> _backends;
    private readonly HashSet<string> _told;
    private readonly Dictionary<string, Followed> _pools = new(StringComparer.Ordinal);
    private readonly Action _tell;
    private int _made;

    /// <param name="router">Of the pool with this name.</param>
    /// <param name="backends"><see cref="PoolBackendsActor"/> of the pool with this name.</param>
    /// <param name="told">The pools that the other actors know. Used by this actor alone: one that starts anew tells which of them are gone.</param>
    public PoolsActor(DataPlane plane, Func<string, Props> router, Func<string, Props> backends, HashSet<string> told)
    {
        _told = told;
        _plane = plane;
        _router = router;
        _backends = backends;
        IActorRef self = Self;
        _tell = () => self.Tell(Follow.Instance, ActorRefs.NoSender);
        Receive<Follow>(_ => FollowTopology());
    }

    protected override void PreStart()
    {
        _plane.TopologyChanged += _tell;
        FollowTopology();
    }

    protected override void PostStop() => _plane.TopologyChanged -= _tell;

    private void FollowTopology()
    {
        Topology topology = _plane.Topology;
        foreach (string gone in _told.Where(p => !topology.Pools.ContainsKey(p)).ToArray())
        {
            if (_pools.Remove(gone, out Followed? followed))
            {
                Context.Stop(followed.Router);
                Context.Stop(followed.Backends);
            }

            Context.System.EventStream.Publish(new PoolRemoved(gone));
            _told.Remove(gone);
        }

        foreach (PoolSettings pool in topology.Pools.Values)
        {
            if (!_pools.TryGetValue(pool.Name, out Followed? followed))
            {
                _told.Add(pool.Name);

                // A name that is free again may still be that of an actor that is about to end.
                string suffix = string.Create(CultureInfo.InvariantCulture, $"{Uri.EscapeDataString(pool.Name)}-{_made++}");
                _pools[pool.Name] = new Followed(
                    pool,
                    Context.ActorOf(_router(pool.Name), $"router-{suffix}"),
                    Context.ActorOf(_backends(pool.Name), $"backends-{suffix}"));
            }
            else if (followed.Settings != pool)
            {
                _pools[pool.Name] = followed with { Settings = pool };
                followed.Backends.Tell(new PoolRewritten(pool));
            }
        }
    }

    private sealed record Followed(PoolSettings Settings, IActorRef Router, IActorRef Backends);

    private sealed class Follow
    {
        public static readonly Follow Instance = new();
    }
}

/// <summary>The topology has other settings for the pool. To its <see cref="PoolBackendsActor"/>.</summary>
internal sealed record PoolRewritten(PoolSettings Pool);
