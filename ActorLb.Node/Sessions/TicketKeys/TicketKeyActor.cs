using ActorLb.Engine;
using ActorLb.Node.Logging;
using ActorLb.Node.States;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>
/// Gives the data plane the keys of tickets: finds them on disk and in the cluster, keeps what it hears, and, as the
/// oldest member, leads the hand-over from one signer to the next. Ready when others can verify what this node signs.
/// </summary>
internal sealed class TicketKeyActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "ticket-keys";

    private readonly DataPlane _plane;
    private readonly SessionCapability _capability;
    private readonly KeyKeeper _keeper;
    private readonly KeyConfirmations _confirmations;
    private readonly KeyPeers _peers = new(Akka.Cluster.Cluster.Get(Context.System));
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly KeyLeading _leading;
    private TicketKeyState _state = TicketKeyState.Empty;
    private bool _wanted;

    /// <remarks>Where no pool of this node uses the shared keys it holds what others share, and makes none unasked.</remarks>
    public TicketKeyActor(DataPlane plane, SessionCapability capability, IStateStore store)
    {
        _plane = plane;
        _capability = capability;
        _keeper = new KeyKeeper(plane, store, Context.LoggerOf<TicketKeyActor>(), Self);
        _confirmations = new KeyConfirmations(_keeper, _cluster.SelfUniqueAddress.Uid, Self);
        _leading = new KeyLeading(_peers, () => Times, Tell);
        Seeking();
    }

    private enum Tick
    {
        Seek,
        Deadline,
        Tell,
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private long Now => _plane.Clock.Milliseconds;

    private TicketKeyTimes Times => TicketKeyTimes.Of(_plane.Topology);

    private bool IsWanted => _wanted || KeysAreShared(_plane.Topology);

    private bool Leads => _state.Settled && (_leading.IsAsked || _peers.Leader is { IsSelf: true });

    /// <summary>Whether some pool signs with the keys that the nodes share.</summary>
    public static bool KeysAreShared(Topology topology) =>
        topology.Pools.Values.Any(p => p.Affinity is { IsSticky: true, UsesSharedKeys: true });

    protected override void PreStart()
    {
        // A control plane that restarts in place still has the keys that it signed with.
        Take(TicketKeyState.Of(_keeper.Load().Merge(_plane.Keys), !_plane.Keys.IsEmpty, Now, Times, _plane.Clock.Ending * 1000L));
        _replicator.Tell(Dsl.Subscribe(TicketKeyDataKey.Instance, Self));
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartSingleTimer(Tick.Deadline, Tick.Deadline, _plane.Settings.Cluster.JoinTimeout);
        Timers.StartPeriodicTimer(Tick.Seek, Tick.Seek, TicketKeyBounds.SeekInterval);
        Timers.StartPeriodicTimer(Tick.Tell, Tick.Tell, TicketKeyBounds.TellInterval);
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    protected override void PreRestart(Exception reason, object message)
    {
        if (message is RotateTicketKeys or DescribeTicketKeys)
        {
            FailedRequests.Refuse(Sender, reason);
        }

        _leading.Abandon(_state.Ring, Now);
        base.PreRestart(reason, message);
    }

    private void Seeking()
    {
        Receive<Changed>(changed => Settle(changed.Get(TicketKeyDataKey.Instance).Ring));
        Receive<GetSuccess>(found => Settle(found.Get(TicketKeyDataKey.Instance).Ring));
        Receive<NotFound>(_ => Found());
        Receive<IGetResponse>(_ => { });
        Receive<HoldTicketKeys>(told =>
        {
            Settle(told.Ring);
            _confirmations.Tell(Sender, _state.Ring);
        });
        Receive<BringTicketKeys>(_ => _wanted = true);
        Receive<KeysSaved>(saved => _confirmations.Saved(saved, _state.Ring));
        Receive<RotateTicketKeys>(_ => Sender.Tell(new TicketKeysRotated(RotationOutcome.NotReady, 0, Report())));
        Receive<DescribeTicketKeys>(_ => Sender.Tell(Report()));
        Receive<Tick>(tick => tick == Tick.Seek, _ => Seek());
        Receive<Tick>(tick => tick == Tick.Deadline, _ => Apart());
        Receive<ClusterEvent.IMemberEvent>(OnMember);
        Receive<ClusterEvent.IReachabilityEvent>(OnReachability);
        ReceiveAny(_ => { });
    }

    private void Keeping()
    {
        Receive<Changed>(changed => Keep(changed.Get(TicketKeyDataKey.Instance).Ring));
        Receive<HoldTicketKeys>(told =>
        {
            Hold(_state.Heard(told.Ring, Now, Times));
            _confirmations.Tell(Sender, _state.Ring);
        });
        Receive<BringTicketKeys>(brought =>
        {
            Hold(_state.Brought(brought.Ring, Now, Times));
            Sender.Tell(new HoldTicketKeys(_state.Ring));
        });
        Receive<TicketKeysHeld>(held =>
        {
            _leading.Answered(held);
            Lead();
        });
        Receive<RotateTicketKeys>(Rotate);
        Receive<KeysSaved>(saved => _confirmations.Saved(saved, _state.Ring));
        Receive<DescribeTicketKeys>(request =>
        {
            if (!Forwarded(request))
            {
                Sender.Tell(Report());
            }
        });
        Receive<Tick>(tick => tick == Tick.Tell, _ =>
        {
            _leading.TellAgain();
            Lead();
        });
        Receive<ClusterEvent.IMemberEvent>(OnMember);
        Receive<ClusterEvent.IReachabilityEvent>(OnReachability);
        ReceiveAny(_ => { });
    }

    // The oldest member founds the ring where nobody has one; the others bring it what they have and get the ring.
    private void Seek()
    {
        if (!IsWanted || _cluster.SelfMember.Status != MemberStatus.Up)
        {
            return;
        }

        if (_peers.IsOldest)
        {
            _replicator.Tell(Dsl.Get(TicketKeyDataKey.Instance, new ReadAll(TicketKeyBounds.ReadTimeout)));
        }
        else if (_peers.Leader is { IsSelf: false } leader)
        {
            Tell(leader, new BringTicketKeys(_state.Ring));
        }
    }

    private void Found()
    {
        if (IsWanted && _peers.IsOldest)
        {
            Take(_state.Found(Create, Now));
            Settled();
        }
    }

    private void Settle(TicketKeyRing cluster)
    {
        if (!cluster.IsEmpty)
        {
            TicketKeyRing own = _state.Ring;
            Take(_state.Heard(cluster, Now, Times));
            Settled();
            if (!_state.Ring.Equals(cluster) && _peers.Leader is { IsSelf: false } leader)
            {
                Tell(leader, new BringTicketKeys(own));
            }
        }
    }

    private void Settled()
    {
        Timers.Cancel(Tick.Seek);
        Timers.Cancel(Tick.Deadline);
        Become(Keeping);
        Share();
        _capability.MarkKeysReady();
        Lead();
    }

    private void Apart()
    {
        if (IsWanted)
        {
            Take(_state.Apart(Create, Now));
            _capability.MarkKeysReady();
            Timers.StartPeriodicTimer(Tick.Seek, Tick.Seek, TicketKeyBounds.TellInterval);
        }
    }

    private void OnMember(ClusterEvent.IMemberEvent happened)
    {
        _peers.Happened(happened);
        switch (happened)
        {
            case ClusterEvent.MemberUp up when up.Member.UniqueAddress == _cluster.SelfUniqueAddress && !_state.Settled:
                Timers.StartSingleTimer(Tick.Deadline, Tick.Deadline, TicketKeyBounds.SeekDeadline);
                Seek();
                break;

            // The status before is what the gossip before said: whoever is downed and removed at one stroke was up in it.
            case ClusterEvent.MemberRemoved { PreviousStatus: not (MemberStatus.Leaving or MemberStatus.Exiting) } removed:
                _leading.Gone(KeyPeers.HolderOf(removed.Member, reachable: false), Now);
                break;
        }

        Lead();
    }

    private void OnReachability(ClusterEvent.IReachabilityEvent happened)
    {
        _peers.Happened(happened);
        Lead();
    }

    // Whoever kept other keys apart from the cluster brings them back, so that nobody who holds such a ticket is logged out.
    private void Keep(TicketKeyRing cluster)
    {
        Take(_state.Heard(cluster, Now, Times));
        if (!_state.Ring.Equals(cluster))
        {
            Share();
        }

        Lead();
    }

    private void Hold(TicketKeyState next)
    {
        if (!next.Ring.Equals(_state.Ring))
        {
            Take(next);
            Share();
            Lead();
        }
    }

    private void Lead()
    {
        if (!Leads)
        {
            return;
        }

        TicketKeyRing next = _leading.Next(_state.Ring, Now, _plane.Clock.Ending * 1000L);
        if (!next.Equals(_state.Ring))
        {
            Take(_state.With(next, Now, Times));
            Share();
        }

        _leading.Tell(_state.Ring);
        _leading.Answer(_state.Ring, Now);
    }

    private void Rotate(RotateTicketKeys request)
    {
        if (Forwarded(request))
        {
            return;
        }

        _leading.Without(request.Without);
        if (_state.Ring is { Pending: null } ring)
        {
            if (ring.Entries.Length >= TicketKeyBounds.KeysMax)
            {
                Sender.Tell(new TicketKeysRotated(RotationOutcome.TooManyKeys, 0, Report()));
                return;
            }

            TicketKey next = Create();
            _capability.KeyAskers.Remember(next.Id, request.Who);
            Take(_state.With(ring.WithNext(next, Now), Now, Times));
            Share();
        }

        _leading.Promise(Sender, _state.Ring.Pending!.Key, Now);
        Lead();
    }

    // One member leads, so that two rotations asked for at once are one rotation. What comes from another node is meant for this one.
    private bool Forwarded(object request)
    {
        if (Leads || !Sender.Path.Address.HasLocalScope || _peers.Leader is not { IsSelf: false } leader)
        {
            return false;
        }

        Context.At<TicketKeyActor>(leader.Node).Tell(
            request is RotateTicketKeys { Who: { } who } rotate ? rotate with { Who = $"{who} at {_plane.Settings.Name}" } : request, Sender);
        return true;
    }

    private TicketKeyReport Report() => _leading.Report(_state.Ring, Leads, Now);

    private void Share() => _replicator.Tell(TicketKeyData.Adding(_state.Ring));

    private void Take(TicketKeyState next)
    {
        // What names sessions outlives the key that it was made of.
        _state = next with { Ring = next.Ring.Rooted() };
        _keeper.Take(_state.Ring);
    }

    private TicketKey Create() => TicketKey.Create(_plane.Time, _state.Ring.Keys);

    private void Tell(KeyPeer peer, object message) => Context.At<TicketKeyActor>(peer.Node).Tell(message, Self);
}
