using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster;
using ActorLb.Node.Logging;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.Ownership;

/// <summary>
/// Wakes the owners of sessions that are to leave their backends: owners of sessions that nobody uses do not live by themselves.
/// Each node wakes those of its share of the buckets; a node that goes leaves its share to the others. Has the lanes look
/// at what is open there, and tells where a drain cannot go on.
/// </summary>
internal sealed class SessionMovesActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "session-moves";

    private readonly DataPlane _plane;
    private readonly IActorRef _owners;
    private readonly ILogger _logger = Context.LoggerOf<SessionMovesActor>();
    private readonly Action _changed;
    private HashSet<BackendName> _stuck = [];
    private int _rank = -1;
    private int _nodes;

    /// <param name="owners">The shard region.</param>
    public SessionMovesActor(DataPlane plane, IActorRef owners)
    {
        _plane = plane;
        _owners = owners;
        IActorRef self = Self;
        _changed = () => self.Tell(Tick.Changed);
        Receive<Tick>(tick => tick == Tick.Look, _ => LookAtOpen());
        Receive<Tick>(_ => Wake());
        Receive<MembershipChanged>(Follow);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.FollowMembership();
        _plane.PoolChanged += _changed;
        Wake();
    }

    protected override void PostStop()
    {
        _plane.PoolChanged -= _changed;
        Context.System.EventStream.Unsubscribe(Self);
    }

    private void Follow(MembershipChanged membership)
    {
        _rank = membership.Active.IndexOf(membership.Self);
        _nodes = membership.Active.Length;
        Wake();
    }

    private void Wake()
    {
        RoutingSnapshot routing = _plane.Routing;
        foreach (PoolSnapshot pool in routing.Pools.Values)
        {
            Wake(pool);
        }

        TellStuck(routing);
        if (routing.Pools.Values.Any(p => p.Backends.Any(b => b.IsLeft || IsToBeLeft(b))))
        {
            Timers.StartSingleTimer(Tick.Wake, Tick.Wake, SessionBounds.MovesWake);
        }

        if (IsOpenWhereSessionsMove() && !Timers.IsTimerActive(Tick.Look))
        {
            Timers.StartSingleTimer(Tick.Look, Tick.Look, SessionBounds.MovedExchangesLook);
        }
    }

    private void Wake(PoolSnapshot pool)
    {
        HashSet<BackendKey> left = [.. pool.Backends.Where(b => b.IsLeft).Select(b => b.Key)];
        if (_rank < 0 || left.Count == 0 || !_plane.Tables.TryGetValue(pool.Name, out BindingTable? table))
        {
            return;
        }

        foreach (int bucket in table.BucketsWith(left, _plane.Clock.Ending, pool.Settings.Affinity.IdleTimeout))
        {
            if (bucket % _nodes == _rank)
            {
                _owners.Tell(new MoveDueSessions(new BucketId(pool.Name, bucket)));
            }
        }
    }

    private bool IsOpenWhereSessionsMove() =>
        _plane.Routing.Pools.Values.Any(p => p.Backends.Any(b => b.Moves is not null && b.Traffic.InFlight > 0));

    // Its snapshot says that sessions leave only where somebody takes them.
    private static bool IsToBeLeft(BackendSnapshot backend) =>
        backend.Operator == OperatorState.Draining && (backend.Decision?.Moves is not null || backend.DrainDeadline is not null);

    // Tunnels follow their sessions as soon as these have moved.
    private void LookAtOpen()
    {
        if (IsOpenWhereSessionsMove())
        {
            _plane.LookAtOpenExchanges();
            Timers.StartSingleTimer(Tick.Look, Tick.Look, SessionBounds.MovedExchangesLook);
        }
    }

    private void TellStuck(RoutingSnapshot routing)
    {
        DateTimeOffset now = _plane.Clock.UtcNow;
        var stuck = new HashSet<BackendName>();
        foreach (PoolSnapshot pool in routing.Pools.Values)
        {
            foreach (BackendSnapshot backend in pool.Backends)
            {
                var name = new BackendName(pool.Name, backend.Id);
                bool isDue = IsToBeLeft(backend) && (backend.Decision?.Moves?.Begins <= now || backend.DrainDeadline <= now);
                if (isDue && !backend.IsLeft)
                {
                    stuck.Add(name);
                    if (!_stuck.Contains(name))
                    {
                        Log.SessionsCannotLeave(_logger, name);
                    }
                }
                else if (backend.IsLeft && _stuck.Contains(name))
                {
                    Log.SessionsLeave(_logger, name);
                }
            }
        }

        _stuck = stuck;
    }

    private enum Tick
    {
        Changed,
        Wake,
        Look,
    }
}
