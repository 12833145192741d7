using System.Collections.Immutable;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.Event;

namespace ActorLb.Node.Affinity.Replication;

/// <summary>
/// Fetches what other members have and this one has not, once, when it joins a cluster: gossip alone would take a
/// minute. Digests tell which buckets differ, so that a node which comes with its own file reads little. Reads through
/// distributed data, which keeps what it read; stops when done, at the latest at the deadline.
/// </summary>
internal sealed class BindingFillActor : ReceiveActor, IWithTimers
{
    private readonly IActorRef _replica;
    private readonly Func<Address, ActorSelection> _peer;
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IReadOnlyDictionary<BucketId, ulong> _mine;
    private readonly HashSet<BucketId> _disagreed = [];
    private FillState _state = FillState.Nothing;
    private int _peers;

    /// <param name="replica">Is told of every bucket that arrived, and of the end.</param>
    /// <param name="peer">Another member's BindingReplicaActor.</param>
    /// <param name="mine">Digests of what this node's tables hold already.</param>
    public BindingFillActor(IActorRef replica, Func<Address, ActorSelection> peer, IReadOnlyDictionary<BucketId, ulong> mine)
    {
        _mine = mine;
        _replica = replica;
        _peer = peer;
        Receive<ClusterEvent.CurrentClusterState>(_ => { });
        Receive<ClusterEvent.MemberUp>(up => up.Member.UniqueAddress == _cluster.SelfUniqueAddress, _ => Joined());
        Receive<ClusterEvent.MemberRemoved>(gone => Left(gone.Member));
        Receive<ClusterEvent.UnreachableMember>(gone => Left(gone.Member));
        Receive<ClusterEvent.IClusterDomainEvent>(_ => { });
        Receive<BucketsHeld>(held => Answered(Name(Sender.Path.Address), held.Buckets));
        Receive<GetSuccess>(found => Filled((BindingBucketKey)found.Key, found));
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

    private void Answered(string peer, ImmutableArray<HeldBucket> held)
    {
        BucketId[] others = [.. held.Where(h => !_mine.TryGetValue(h.Bucket, out ulong digest) || digest != h.Digest).Select(h => h.Bucket)];
        _disagreed.UnionWith(others);
        _disagreed.UnionWith(_mine.Keys.Except(held.Select(h => h.Bucket)));
        Continue(_state.Answered(peer, others));
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

    private void Filled(BindingBucketKey key, GetSuccess found)
    {
        _replica.Tell(new BucketArrived(key.Bucket, found.Get(key).Bucket));
        Continue(_state.Read(key.Bucket));
    }

    private void Continue(FillState state)
    {
        (_state, ImmutableArray<BucketRead> reads) = state.Take(AffinityBounds.FillsInFlight);
        foreach (BucketRead read in reads)
        {
            _replicator.Tell(Dsl.Get(new BindingBucketKey(read.Bucket), Consistency(read)));
        }

        if (_state.IsDone && Timers.IsTimerActive(Tick.Deadline))
        {
            End(_state.GivenUp == 0 ? null : $"{_state.GivenUp} buckets could not be read");
        }
    }

    // Members that know the same are asked one more than needed, in case that one is filling too. Where this node knows
    // something else, all are asked: any of them may be the one with more. Later attempts take what there is.
    private IReadConsistency Consistency(BucketRead read) =>
        read.Attempt > 0 ? new ReadFrom(2, AffinityBounds.FillReadTimeout)
        : _mine.ContainsKey(read.Bucket) ? new ReadAll(AffinityBounds.FillReadTimeout)
        : new ReadFrom(Math.Min(AffinityBounds.FillReplicas, _peers + 1), AffinityBounds.FillReadTimeout);

    private void End(string? shortfall)
    {
        if (shortfall is not null)
        {
            _log.Warning("the tables are filled only in part, gossip brings the rest: {0}", shortfall);
        }

        _replica.Tell(new FillEnded([.. _disagreed], _state.Unanswered.Count == 0));
        Context.Stop(Self);
    }

    private enum Tick
    {
        Again,
        Deadline,
    }
}
