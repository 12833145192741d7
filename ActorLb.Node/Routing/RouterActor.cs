using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Cluster;
using ActorLb.Node.Health;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.Actor;
using Akka.Event;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Routing;

/// <summary>
/// The round robin of one pool: merges health, operator decisions, circuits, slow start and drain deadlines into the
/// pool's rotation and publishes it. The requests themselves take their turns on what was published, without the actor.
/// </summary>
internal sealed class RouterActor : ReceiveActor
{
    private static readonly TimeSpan DeadlineCheck = TimeSpan.FromSeconds(5);

    private readonly string _pool;
    private readonly DataPlane _plane;
    private readonly HealthCapability _capability;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Alarm _alarm;
    private PoolState _state;
    private bool _placed;

    public RouterActor(string pool, DataPlane plane, HealthCapability capability, ILogger logger, TimeProvider time)
    {
        _logger = logger;
        _pool = pool;
        _plane = plane;
        _capability = capability;
        _time = time;
        _alarm = new Alarm(time, Self);
        _state = PoolState.From(plane.Routing.Pools[pool]);
        Receive<BackendHealthChanged>(m => Update(m.Backend, s => s.WithHealth(m.Backend.Id, m.Health, m.Since, HealthBoardActor.WhyDown(m.Verdicts))));
        Receive<CircuitChanged>(m => Update(m.Backend, s => s.WithCircuit(m.Backend.Id, m.Open)));
        Receive<OperatorDecisionsChanged>(m => Apply(_state.WithDecisions(m.Decisions)));
        Receive<PoolChanged>(
            m => m.Pool.Name == _pool,
            m => Apply(WithWhatIsKnown(m.Pool == _state.Settings ? _state : _state.WithSettings(m.Pool, _time.GetUtcNow()))));
        Receive<PoolChanged>(_ => { });
        Receive<MembershipChanged>(Place);
        Receive<AlarmRang>(_alarm.IsMine, _ => Apply(_state));
        Receive<AlarmRang>(_ => { });
    }

    // Subscribe before reading: what changes in between comes twice rather than never.
    protected override void PreStart()
    {
        EventStream events = Context.System.EventStream;
        events.Subscribe<BackendHealthChanged>(Self);
        events.Subscribe<CircuitChanged>(Self);
        events.Subscribe<OperatorDecisionsChanged>(Self);
        events.Subscribe<PoolChanged>(Self);
        Context.FollowMembership();
        Apply(WithWhatIsKnown(_state));
    }

    protected override void PostStop()
    {
        if (!_plane.Topology.Pools.ContainsKey(_pool))
        {
            _capability.PoolJudged(_pool);
        }

        Context.System.EventStream.Unsubscribe(Self);
        _alarm.Dispose();
    }

    private PoolState WithWhatIsKnown(PoolState state)
    {
        foreach (BackendVerdicts b in _capability.Board?.Backends.Values.Where(b => b.Backend.Pool == _pool) ?? [])
        {
            state = state.WithHealth(b.Backend.Id, b.Health, b.Since, HealthBoardActor.WhyDown(_capability.VerdictsOn(b.Backend)));
        }

        return _capability.KnownDecisions is { } decisions ? state.WithDecisions(decisions) : state;
    }

    private void Update(BackendName backend, Func<PoolState, PoolState> change)
    {
        if (backend.Pool == _pool)
        {
            Apply(change(_state));
        }
    }

    private void Apply(PoolState next)
    {
        next = next with { ClockAhead = _plane.Clock.Ahead };
        _state = next;
        DateTimeOffset now = _time.GetUtcNow();
        if (!_plane.Routing.Pools.TryGetValue(_pool, out PoolSnapshot? published))
        {
            // The pool is gone, and so is this actor in a moment.
            return;
        }

        PoolSnapshot pool = next.Snapshot(published, _plane.Traffic, now);
        if (!ReferenceEquals(pool, published))
        {
            _plane.Publish(pool);
            TellBackups(published, pool);
        }

        if (next.IsJudged)
        {
            _capability.PoolJudged(_pool);
        }

        if (next.NextChange(now) is { } change)
        {
            // The time of a deadline may be set meanwhile, when the nodes compare their clocks.
            TimeSpan wait = change - now;
            _alarm.Set(wait > DeadlineCheck && next.AwaitsDeadline(now) ? DeadlineCheck : wait);
        }
    }

    private void TellBackups(PoolSnapshot before, PoolSnapshot now)
    {
        if (before.BackupsSince is null && now.BackupsSince is not null)
        {
            Log.BackupsTakeSessions(_logger, _pool, string.Join(", ", now.Backends.Where(b => b.IsBackup && b.TakesNewSessions).Select(b => b.Id)));
        }
        else if (before.BackupsSince is { } since && now.BackupsSince is null)
        {
            Log.BackupsRest(_logger, _pool, (long)(_time.GetUtcNow() - since).TotalSeconds, now.TakesNewSessions ? "" : ": nobody takes any");
        }
    }

    /// <summary>Starts this node's turns at its rank, so that nodes that start together do not all begin with the first backend.</summary>
    private void Place(MembershipChanged membership)
    {
        int rank = membership.Active.IndexOf(membership.Self);
        if (!_placed && rank >= 0)
        {
            _placed = true;
            _plane.Cursors.GetValueOrDefault(_pool)?.StartAt((uint)rank);
        }
    }
}
