using System.Collections.Immutable;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using Akka.Actor;
using Akka.Cluster;

namespace ActorLb.Node.Sessions.Feed;

/// <summary>
/// Sends what owners are to know in one message per node instead of one per bucket: a node has hundreds of owners.
/// Nodes tell each other which shards have owners with them; where that is not known, sharding finds the way.
/// </summary>
internal sealed class SessionRelayActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "session-relay";

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IActorRef _owners;
    private readonly OwnersHere _here;
    private readonly Dictionary<string, Batch> _batches = [];
    private OwnerPlaces _places = OwnerPlaces.Unknown;

    /// <param name="owners">The shard region.</param>
    /// <param name="here">Used by this actor alone.</param>
    public SessionRelayActor(IActorRef owners, OwnersHere here)
    {
        _owners = owners;
        _here = here;
        Receive<SessionsNoticed>(Send);
        Receive<SessionsRelayed>(Pass);
        Receive<OwnerLives>(Count);
        Receive<OwnersAnnounced>(told => _places = _places.Announced(Node(Sender.Path.Address), told.Shards & ~_here.Shards));
        Receive<Tick>(_ => Announce());
        Receive<ClusterEvent.MemberUp>(_ => Announce());
        Receive<ClusterEvent.ReachableMember>(_ => Announce());
        Receive<ClusterEvent.MemberRemoved>(gone => _places = _places.Left(Node(gone.Member.Address)));
        Receive<ClusterEvent.UnreachableMember>(gone => _places = _places.Left(Node(gone.Member.Address)));
        Receive<ClusterEvent.IClusterDomainEvent>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(OwnerLives));
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer(Tick.Periodic, Tick.Periodic, SessionBounds.AnnounceInterval);
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    private static string Node(Address address) => address.ToString();

    private void Send(SessionsNoticed noticed)
    {
        foreach (IBucketMessage message in noticed.Messages)
        {
            int shard = BucketExtractor.ShardOf(message.Bucket.Index);
            if ((_here.Shards >> shard & 1) != 0 || _places.Of(shard) is not { } node)
            {
                _owners.Tell(message, Sender);
                continue;
            }

            if (!_batches.TryGetValue(node, out Batch? batch))
            {
                _batches.Add(node, batch = new Batch());
            }

            batch.Messages.Add(message);
            batch.Bindings += message.Bindings().Length;
            if (batch.Bindings >= SessionBounds.BindingsRelayedMax)
            {
                Relay(node, batch);
                _batches.Remove(node);
            }
        }

        foreach ((string node, Batch batch) in _batches)
        {
            Relay(node, batch);
        }

        _batches.Clear();
    }

    private void Relay(string node, Batch batch) =>
        Context.At<SessionRelayActor>(node).Tell(new SessionsRelayed([.. batch.Messages]), Sender);

    private void Pass(SessionsRelayed relayed)
    {
        foreach (IBucketMessage message in relayed.Messages)
        {
            _owners.Tell(message, Sender);
        }
    }

    private void Count(OwnerLives owner)
    {
        if (_here.Count(owner))
        {
            Timers.StartSingleTimer(Tick.Changed, Tick.Changed, SessionBounds.GatherAnnouncements);
        }
    }

    private void Announce()
    {
        ImmutableHashSet<Member> unreachable = _cluster.State.Unreachable;
        foreach (Member member in _cluster.State.Members)
        {
            if (member.Status == MemberStatus.Up && member.UniqueAddress != _cluster.SelfUniqueAddress && !unreachable.Contains(member))
            {
                Context.At<SessionRelayActor>(member.Address).Tell(new OwnersAnnounced(_here.Shards));
            }
        }
    }

    private sealed class Batch
    {
        public List<IBucketMessage> Messages { get; } = [];

        public int Bindings { get; set; }
    }

    private enum Tick
    {
        Changed,
        Periodic,
    }
}
