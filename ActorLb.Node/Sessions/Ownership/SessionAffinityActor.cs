using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Logging;
using ActorLb.Node.Sessions.Replication;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.DistributedData;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.Ownership;

/// <summary>
/// The owner of one bucket of sessions, a sharding entity: the only writer of its bindings while the cluster is
/// whole. <see cref="SessionAffinityState"/> decides; this actor loads, answers at once, and writes gathered changes.
/// </summary>
internal sealed class SessionAffinityActor : ReceiveActor, IWithTimers
{
    /// <summary>Whoever waits longer is woken meanwhile.</summary>
    private const long MovesWaitMax = 60_000;

    private readonly BucketId _id;
    private readonly DataPlane _plane;
    private readonly SessionCapability _capability;
    private readonly AffinitySettings _firstSettings;
    private readonly BindingBucketKey _key;
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly ILogger _logger = Context.LoggerOf<SessionAffinityActor>();
    private readonly Queue<(IBucketMessage Message, IActorRef Sender)> _waiting = new();
    private SessionAffinityState _state;
    private BindingBucket _learned = BindingBucket.Empty;

    // What was written so long ago that every node has it by now.
    private BindingBucket _spread = BindingBucket.Empty;
    private long? _wroteAt;
    private bool _used;

    public SessionAffinityActor(BucketId id, DataPlane plane, SessionCapability capability)
    {
        _id = id;
        _plane = plane;
        _capability = capability;
        _key = new BindingBucketKey(id);
        _firstSettings = plane.Topology.Pools[id.Pool].Affinity;
        _state = SessionAffinityState.Empty(SessionPlaces.OfBucket(_firstSettings.MaxSessions));
        Loading();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private bool IsSpreading => _wroteAt is { } at && _plane.Time.GetElapsedTime(at) < SessionBounds.SpreadTime;

    private uint Now => _plane.Clock.Now;

    private AffinitySettings Settings => _plane.Topology.Pools.GetValueOrDefault(_id.Pool)?.Affinity ?? _firstSettings;

    /// <summary>The entity of a bucket; one that ignores everything where this node knows no such pool.</summary>
    public static Props Props(string entityId, DataPlane plane, SessionCapability capability) =>
        BucketExtractor.Parse(entityId) is { } id && plane.Topology.Pools.ContainsKey(id.Pool)
            ? Akka.Actor.Props.Create(() => new SessionAffinityActor(id, plane, capability))
            : Akka.Actor.Props.Create(() => new UnknownBucketActor());

    protected override void PreStart()
    {
        Context.System.EventStream.Publish(new OwnerLives(BucketExtractor.ShardOf(_id.Index), Begins: true));
        Context.System.EventStream.Subscribe(Self, typeof(PoolRemoved));
        _replicator.Tell(Dsl.Get(_key, new ReadMajority(SessionBounds.LoadTimeout)));
        Timers.StartSingleTimer(Tick.Begin, Tick.Begin, SessionBounds.LoadDeadline);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        Context.System.EventStream.Publish(new OwnerLives(BucketExtractor.ShardOf(_id.Index), Begins: false));

        // The node may be on its way out: the next owner asks a majority, so tell one rather than wait for a delta. That
        // of the last write may still be waiting, and a node that leaves takes it along.
        if (_state.IsDirty || IsSpreading)
        {
            Write(new WriteMajority(SessionBounds.LastWriteTimeout), ActorRefs.Nobody);
        }
    }

    private void Loading()
    {
        Receive<PoolRemoved>(Removed);
        Receive<GetSuccess>(found => Loaded(found.Get(_key).Bucket));
        Receive<GetFailure>(_ => _replicator.Tell(Dsl.Get(_key, ReadLocal.Instance)));
        Receive<IGetResponse>(_ => Loaded(BindingBucket.Empty));
        Receive<Tick>(_ => Begin());
        Receive<IBucketMessage>(Keep);
    }

    // The region makes another one if anybody asks for it again.
    private void Removed(PoolRemoved removed)
    {
        if (removed.Pool == _id.Pool)
        {
            Context.Parent.Tell(new Passivate(PoisonPill.Instance));
        }
    }

    private void Owning()
    {
        Receive<PoolRemoved>(Removed);
        Receive<RebindSession>(Rebind);
        Receive<FindSession>(Find);
        Receive<MoveSession>(Move);
        Receive<MoveDueSessions>(_ => MoveDue());
        Receive<AdoptSessions>(adopt => Merge(adopt.Bindings));
        Receive<TouchSessions>(touch => Merge(touch.Bindings));
        Receive<Tick>(tick => tick == Tick.Flush, _ => Write(WriteLocal.Instance, Self));
        Receive<Tick>(tick => tick == Tick.Expire, _ => Expire());
        Receive<Tick>(tick => tick == Tick.Move, _ => MoveDue());
        Receive<Tick>(_ => { });
        Receive<UpdateSuccess>(_ => { });
        Receive<IUpdateFailure>(NotWritten);
        Receive<IGetResponse>(_ => { });
    }

    // Who died is missed until it is removed; gossip brings it to the rest.
    private void NotWritten(IUpdateFailure failure) => Log.BucketNotWritten(
        _logger,
        failure is UpdateTimeout ? LogLevel.Debug : LogLevel.Warning,
        _id,
        failure);

    private void Keep(IBucketMessage message)
    {
        if (_waiting.Count < SessionBounds.WaitingForLoadMax)
        {
            _waiting.Enqueue((message, Sender));
        }
    }

    // Until the timer rings, everything that was held back for an owner to appear has arrived.
    private void Loaded(BindingBucket replicated)
    {
        _state = _state.Learn(replicated);
        _spread = replicated;
        Timers.StartSingleTimer(Tick.Begin, Tick.Begin, SessionBounds.LoadSettleTime);
    }

    // What nodes decided alone while the owner was away comes before the questions that it missed: the same node
    // sent both, and a late question must not move a session that has already moved.
    private void Begin()
    {
        Timers.StartPeriodicTimer(Tick.Expire, Tick.Expire, SessionBounds.ExpiryInterval(Settings.IdleTimeout));
        Become(Owning);
        foreach ((IBucketMessage message, IActorRef sender) in _waiting.OrderBy(w => w.Message is RebindSession or MoveSession or MoveDueSessions))
        {
            Self.Tell(message, sender);
        }

        _waiting.Clear();
        _waiting.TrimExcess();
    }

    private void Rebind(RebindSession ask)
    {
        if (!_plane.Routing.Pools.TryGetValue(_id.Pool, out PoolSnapshot? pool))
        {
            return;
        }

        LearnReplicated();
        BindingBucket before = _state.Bucket;
        (_state, Binding answer) = _state.Rebind(ask.Known, ask.Failed, pool, _plane.Clock.Milliseconds);

        // What was due has moved, and was counted, before anybody asked; so has what another node asked about.
        bool isNew = !before.TryGet(ask.Known.Id, out Binding own) || answer.Supersedes(own);
        Sender.Tell(new SessionRebound(answer, isNew));
        WriteSoon();
    }

    // One that has not come back to any node is known to this one as it is to all.
    private void Find(FindSession ask)
    {
        LearnReplicated();
        Binding found = _state.Bucket.TryGet(ask.Session, out Binding owned) ? owned
            : _plane.Learned.GetValueOrDefault(_id.Pool)?.TryGet(ask.Session, out Binding learned) == true ? learned
            : new Binding(ask.Session, BackendKey.None, 0, 0);
        Sender.Tell(new SessionFound(found));
    }

    private void Move(MoveSession ask)
    {
        if (!_plane.Routing.Pools.TryGetValue(_id.Pool, out PoolSnapshot? pool))
        {
            return;
        }

        LearnReplicated();
        (_state, Binding answer) = _state.Move(ask.Known, ask.From, ask.To, pool, _plane.Clock.Now);
        Sender.Tell(new SessionRebound(answer));
        WriteSoon();
    }

    private void Merge(ImmutableArray<Binding> bindings)
    {
        LearnReplicated();
        int before = _state.Bucket.Count;
        (_state, ImmutableArray<Binding> newer, int refused) = _state.Merge(bindings);
        if (!newer.IsEmpty)
        {
            Sender.Tell(new SessionsKnown(_id, newer));
        }

        _capability.RefusedByOwner(refused);
        WriteSoon();
        if (_state.Bucket.Count > before)
        {
            LookForDue(_plane.Clock.Milliseconds);
        }
    }

    private void MoveDue()
    {
        Timers.Cancel(Tick.Move);
        if (!_plane.Routing.Pools.TryGetValue(_id.Pool, out PoolSnapshot? pool) || !pool.Backends.Any(b => b.IsLeft))
        {
            return;
        }

        LearnReplicated();
        long now = _plane.Clock.Milliseconds;
        uint ending = _plane.Clock.Ending;
        BindingBucket before = _state.Bucket;
        (_state, int moved, long? nextAt) = _state.MoveDue(
            pool, now, SessionBounds.MovedPerLookMax, b => !b.IsExpired(ending, Settings.IdleTimeout));
        _plane.SessionCounters.SessionsRebound(MoveReason.Drained, moved);
        foreach (Binding binding in _state.Bucket.ChangedSince(before))
        {
            if (before.TryGet(binding.Id, out Binding left) && left.Backend != binding.Backend)
            {
                pool.Find(left.Backend)?.Traffic.Sessions.Count(SessionEvent.MovedByDrain);
            }
        }

        WriteSoon();
        if (nextAt is { } at)
        {
            LookForDue(at);
        }
    }

    // One that came late may be due before those that are known.
    private void LookForDue(long at)
    {
        if (_plane.Routing.Pools.GetValueOrDefault(_id.Pool)?.Backends.Any(b => b.IsLeft) == true)
        {
            TimeSpan wait = TimeSpan.FromMilliseconds(Math.Clamp(at - _plane.Clock.Milliseconds, 0, MovesWaitMax));
            Timers.StartSingleTimer(Tick.Move, Tick.Move, wait > SessionBounds.MovesLook ? wait : SessionBounds.MovesLook);
        }
    }

    // After a partition or a hand-over that went wrong another owner may have written: its bindings reach this
    // node's table by replication, and one reference tells whether there are any.
    private void LearnReplicated()
    {
        _used = true;
        BindingBucket replicated = _plane.Tables.GetValueOrDefault(_id.Pool)?.Replicated(_id.Index) ?? BindingBucket.Empty;
        if (!ReferenceEquals(replicated, _learned))
        {
            _learned = replicated;
            _state = _state.Learn(replicated);
        }
    }

    private void WriteSoon()
    {
        if (_state.IsDirty && !Timers.IsTimerActive(Tick.Flush))
        {
            Timers.StartSingleTimer(Tick.Flush, Tick.Flush, SessionBounds.GatherChanges);
        }
    }

    private void Write(IWriteConsistency consistency, IActorRef replyTo)
    {
        bool isLast = consistency is not WriteLocal;
        if (!IsSpreading && !isLast)
        {
            _spread = _state.Written;
        }

        (_state, ImmutableArray<Binding> changes) = _state.Flush();
        BindingBucket bucket = _state.Bucket;
        changes = isLast ? bucket.ChangedSince(_spread) : changes;
        _wroteAt = _plane.Time.GetTimestamp();
        var delta = new BindingBucketDelta(changes, bucket.Horizon);
        _replicator.Tell(
            Dsl.Update(_key, BindingBucketData.Empty, consistency, data => data.Updated(bucket, delta)), replyTo);
    }

    private void Expire()
    {
        BindingBucket before = _state.Bucket;
        _state = _state.Expire(_plane.Clock.Ending, Settings.IdleTimeout);
        if (!ReferenceEquals(_state.Bucket, before))
        {
            CountExpired(before.Before(_state.Bucket.Horizon));
        }

        WriteSoon();
        if (!_used && !_state.IsDirty && _state.Bucket.Count == 0)
        {
            Context.Parent.Tell(new Passivate(PoisonPill.Instance));
        }

        _used = false;
    }

    private void CountExpired(IEnumerable<Binding> expired)
    {
        PoolSnapshot? pool = _plane.Routing.Pools.GetValueOrDefault(_id.Pool);
        foreach (Binding binding in expired.Where(b => !b.IsEnded))
        {
            (pool?.Find(binding.Backend)?.Traffic.Sessions ?? pool?.Table.OfGone)?.Count(SessionEvent.Expired);
        }
    }

    private enum Tick
    {
        Begin,
        Flush,
        Expire,
        Move,
    }

    /// <summary>Stands for a bucket of a pool that only other nodes know: says nothing, so that the asker decides itself.</summary>
    private sealed class UnknownBucketActor : UntypedActor
    {
        // This node may know the pool by the time of the next message.
        protected override void OnReceive(object message) => Context.Parent.Tell(new Passivate(PoisonPill.Instance));
    }
}
