using System.Runtime.Serialization;
using ActorLb.Engine;
using ActorLb.Node.Storage;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.Event;

namespace ActorLb.Node.Affinity.TicketKeys;

/// <summary>
/// Gives the data plane the keys of tickets: finds them on disk or in the cluster or makes one, shares what the
/// others lack, and keeps what it hears. Ready only when others can verify what this node signs.
/// </summary>
internal sealed class TicketKeyActor : ReceiveActor, IWithTimers
{
    private readonly DataPlane _plane;
    private readonly AffinityCapability _capability;
    private readonly IStateStore _store;
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private TicketKeyState _state = new(TicketKeyRing.Empty);
    private TicketKeyRing _saved = TicketKeyRing.Empty;
    private bool _settles;

    public TicketKeyActor(DataPlane plane, AffinityCapability capability, IStateStore store)
    {
        _plane = plane;
        _capability = capability;
        _store = store;
        Joining();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _saved = Load();

        // A control plane that restarts in place still has the keys that it signed with.
        Take(new TicketKeyState(_saved.Merge(_plane.Keys)));
        _replicator.Tell(Dsl.Subscribe(TicketKeyDataKey.Instance, Self));
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberUp));
        Timers.StartSingleTimer(Tick.Deadline, Tick.Deadline, _plane.Settings.Cluster.JoinTimeout);
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Joining()
    {
        Receive<ClusterEvent.MemberUp>(up => up.Member.UniqueAddress == _cluster.SelfUniqueAddress, _ => Joined());
        Receive<ClusterEvent.MemberUp>(_ => { });
        Receive<Changed>(changed => Take(_state.Heard(changed.Get(TicketKeyDataKey.Instance).Ring)));
        Receive<Tick>(tick => tick == Tick.Deadline, _ => Step(_state.Alone(Create)));
    }

    private void Asking()
    {
        Receive<GetSuccess>(found => Step(_state.Answered(found.Get(TicketKeyDataKey.Instance).Ring, IsOldest(), Create)));
        Receive<NotFound>(_ => Step(_state.Answered(TicketKeyRing.Empty, IsOldest(), Create)));
        Receive<IGetResponse>(_ => Timers.StartSingleTimer(Tick.Ask, Tick.Ask, AffinityBounds.KeyRetryInterval));
        Receive<Changed>(changed => Step(_state.Answered(changed.Get(TicketKeyDataKey.Instance).Ring, false, Create)));
        Receive<Tick>(tick => tick == Tick.Ask, _ => Ask());
        Receive<Tick>(tick => tick == Tick.Deadline, _ => Step(_state.Alone(Create)));
        Receive<ClusterEvent.MemberUp>(_ => { });
    }

    private void Sharing()
    {
        Receive<IUpdateResponse>(_ => Shared());
        Receive<Tick>(tick => tick == Tick.Settled, _ => Ready());
        Receive<Tick>(_ => { });
        Receive<Changed>(changed => Take(_state.Heard(changed.Get(TicketKeyDataKey.Instance).Ring)));
        Receive<IGetResponse>(_ => { });
        Receive<ClusterEvent.MemberUp>(_ => { });
    }

    private void Keeping()
    {
        Receive<Changed>(changed => Keep(changed.Get(TicketKeyDataKey.Instance).Ring));
        Receive<ClusterEvent.MemberUp>(up => up.Member.UniqueAddress == _cluster.SelfUniqueAddress, _ => Share(WriteLocal.Instance));
        Receive<ClusterEvent.MemberUp>(_ => { });
        Receive<IUpdateResponse>(_ => { });
        Receive<IGetResponse>(_ => { });
        Receive<Tick>(_ => { });
    }

    private void Joined()
    {
        Timers.StartSingleTimer(Tick.Deadline, Tick.Deadline, AffinityBounds.KeyDeadline);
        Become(Asking);
        Ask();
    }

    private void Ask() => _replicator.Tell(Dsl.Get(TicketKeyDataKey.Instance, new ReadAll(AffinityBounds.KeyReadTimeout)));

    private void Step((TicketKeyState Next, TicketKeyStep Step) decision)
    {
        Take(decision.Next);
        switch (decision.Step)
        {
            case TicketKeyStep.Ready:
                Ready();
                break;
            case TicketKeyStep.Retry:
                Timers.StartSingleTimer(Tick.Ask, Tick.Ask, AffinityBounds.KeyRetryInterval);
                break;
            case TicketKeyStep.Share:
            case TicketKeyStep.ShareAndSettle:
                _settles = decision.Step == TicketKeyStep.ShareAndSettle;
                Become(Sharing);
                Share(new WriteAll(AffinityBounds.KeyShareTimeout));
                break;
        }
    }

    private void Shared()
    {
        if (_settles)
        {
            Timers.StartSingleTimer(Tick.Settled, Tick.Settled, AffinityBounds.KeySettleTime);
        }
        else
        {
            Ready();
        }
    }

    private void Ready()
    {
        Timers.CancelAll();
        Become(Keeping);
        _capability.MarkKeysReady();
    }

    // Whoever kept other keys apart from the cluster brings them back, so that nobody who holds such a ticket is logged out.
    private void Keep(TicketKeyRing cluster)
    {
        Take(_state.Heard(cluster));
        if (!_state.Ring.Equals(cluster))
        {
            Share(WriteLocal.Instance);
        }
    }

    private void Share(IWriteConsistency consistency)
    {
        TicketKeyRing ring = _state.Ring;
        _replicator.Tell(Dsl.Update(
            TicketKeyDataKey.Instance, TicketKeyData.Empty, consistency, data => data.Merge(new TicketKeyData(ring))));
    }

    private void Take(TicketKeyState next)
    {
        _state = next;
        if (next.Ring.IsEmpty)
        {
            return;
        }

        _plane.Keys = next.Ring;
        if (!next.Ring.Equals(_saved))
        {
            Save(next.Ring);
        }
    }

    private TicketKeyRing Load()
    {
        try
        {
            return _store.State(StateCells.TicketKeys) is { } saved ? TicketKeyRecords.Read(saved) : TicketKeyRing.Empty;
        }
        catch (SerializationException e)
        {
            _log.Error(e, "the ticket keys cannot be read");
            return TicketKeyRing.Empty;
        }
    }

    private void Save(TicketKeyRing ring)
    {
        // The store keeps what it cannot write now, and writes it when it can.
        _saved = ring;
        try
        {
            _store.SaveState(StateCells.TicketKeys, TicketKeyRecords.Write(ring));
        }
        catch (IOException e)
        {
            _log.Error("the ticket keys are not on disk yet; if all nodes restart now, their tickets will not be known: {0}", e.Message);
        }
    }

    private TicketKey Create() => TicketKey.Create(_plane.Time);

    private bool IsOldest() =>
        _cluster.State.Members.Where(m => m.Status == MemberStatus.Up).All(m => !m.IsOlderThan(_cluster.SelfMember));

    private enum Tick
    {
        Ask,
        Settled,
        Deadline,
    }
}
