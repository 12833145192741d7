using System.Collections.Immutable;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.Event;

namespace ActorLb.Node.Affinity.Replication;

/// <summary>
/// Fetches all bindings once, when this node joins a cluster that has other members: gossip alone would take a
/// minute. Reads through distributed data, which keeps what it read; stops when done, at the latest at the deadline.
/// </summary>
internal sealed class BindingFillActor : ReceiveActor, IWithTimers
{
    private readonly IActorRef _replica;
    private readonly Func<Address, ActorSelection> _peer;
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private FillState _state = FillState.Nothing;
    private int _peers;

    /// <param name="replica">Is told of every bucket that arrived, and of the end.</param>
    /// <param name="peer">Another member's BindingReplicaActor.</param>
    public BindingFillActor(IActorRef replica, Func<Address, ActorSelection> peer)
    {
        _replica = replica;
        _peer = peer;
        Receive<ClusterEvent.CurrentClusterState>(_ => { });
        Receive<ClusterEvent.MemberUp>(up => up.Member.UniqueAddress == _cluster.SelfUniqueAddress, _ => Joined());
        Receive<ClusterEvent.MemberRemoved>(gone => Left(gone.Member));
        Receive<ClusterEvent.UnreachableMember>(gone => Left(gone.Member));
        Receive<ClusterEvent.IClusterDomainEvent>(_ => { });
        Receive<BucketsHeld>(held => Continue(_state.Answered(Name(Sender.Path.Address), held.Buckets)));
        Receive<GetSuccess>(found => Filled(((BindingBucketKey)found.Key).Bucket));
        Receive<IGetResponse>(missed => Continue(_state.Missed(((BindingBucketKey)missed.Key).Bucket, AffinityBounds.FillAttempts)));
        Receive<Tick>(tick => tick == Tick.Again, _ => AskAgain());
        Receive<Tick>(tick => tick == Tick.Deadline, _ => End($"not complete after {AffinityBounds.FillDeadline}"));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private static string Name(Address address) => address.ToString();

    private void Joined()
    {
        ImmutableHashSet<Member> unreachable = _cluster.State.Unreachable;
        string[] peers =
        [
            .. _cluster.State.Members
                .Where(m => m.Status is MemberStatus.Up or MemberStatus.Leaving && !unreachable.Contains(m))
                .Where(m => m.UniqueAddress != _cluster.SelfUniqueAddress)
                .Select(m => Name(m.Address)),
        ];
        _peers = peers.Length;
        Timers.StartSingleTimer(Tick.Deadline, Tick.Deadline, AffinityBounds.FillDeadline);
        Timers.StartPeriodicTimer(Tick.Again, Tick.Again, TimeSpan.Zero, AffinityBounds.AskHeldInterval);
        Continue(FillState.From(peers));
    }

    private void Left(Member member) => Continue(_state.Left(Name(member.Address)));

    private void AskAgain()
    {
        foreach (string peer in _state.Unanswered)
        {
            _peer(Address.Parse(peer)).Tell(AskHeldBuckets.Instance);
        }

        Continue(_state.Retry());
    }

    private void Filled(BucketId bucket)
    {
        _replica.Tell(new BucketArrived(bucket));
        Continue(_state.Read(bucket));
    }

    private void Continue(FillState state)
    {
        (_state, ImmutableArray<BucketRead> reads) = state.Take(AffinityBounds.FillsInFlight);
        foreach (BucketRead read in reads)
        {
            // The first attempt asks one more than it must, in case that one is filling too; later ones take what there is.
            int replicas = read.Attempt == 0 ? Math.Min(AffinityBounds.FillReplicas, _peers + 1) : 2;
            _replicator.Tell(Dsl.Get(new BindingBucketKey(read.Bucket), new ReadFrom(replicas, AffinityBounds.FillReadTimeout)));
        }

        if (_state.IsDone && Timers.IsTimerActive(Tick.Deadline))
        {
            End(_state.GivenUp == 0 ? null : $"{_state.GivenUp} buckets could not be read");
        }
    }

    private void End(string? shortfall)
    {
        if (shortfall is not null)
        {
            _log.Warning("the tables are filled only in part, gossip brings the rest: {0}", shortfall);
        }

        _replica.Tell(FillEnded.Instance);
        Context.Stop(Self);
    }

    private enum Tick
    {
        Again,
        Deadline,
    }
}

/// <summary>A bucket was read from another member and is now in this node's distributed data.</summary>
internal sealed record BucketArrived(BucketId Bucket);

/// <summary>This member has what the others have.</summary>
internal sealed record FillEnded
{
    public static readonly FillEnded Instance = new();

    private FillEnded()
    {
    }
}
