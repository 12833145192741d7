using System.Collections.Immutable;
using ActorLb.Node.Logging;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>
/// Fetches what other members have and this one has not, when it joins them: gossip alone would take a minute. A
/// second time a moment later, for what was on its way between others meanwhile; then it stops.
/// </summary>
internal sealed class BindingFillActor : ReceiveActor, IWithTimers
{
    private readonly IActorRef _replica;
    private readonly Func<Address, ActorSelection> _peer;
    private readonly Func<BucketId, BindingBucket> _own;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILogger _logger = Context.LoggerOf<BindingFillActor>();
    private readonly HashSet<BucketId> _brought;

    // From what this actor has heard itself: the cluster's state is kept by another one, which may be behind.
    private readonly Dictionary<UniqueAddress, Member> _members = [];
    private readonly HashSet<UniqueAddress> _unreachable = [];
    private FillState _state = FillState.Nothing;
    private bool _again;

    /// <param name="replica">Is told of every bucket that was given, and of the end of the first time.</param>
    /// <param name="peer">Another member's BindingReplicaActor.</param>
    /// <param name="own">What this member has; called from this actor.</param>
    /// <param name="brought">The buckets with which this member comes: a peer that has none of them lacks them whole.</param>
    public BindingFillActor(
        IActorRef replica, Func<Address, ActorSelection> peer, Func<BucketId, BindingBucket> own, IEnumerable<BucketId> brought)
    {
        _brought = [.. brought];
        _replica = replica;
        _peer = peer;
        _own = own;
        Receive<ClusterEvent.CurrentClusterState>(Heard);
        Receive<ClusterEvent.MemberRemoved>(Removed);
        Receive<ClusterEvent.IMemberEvent>(Heard);
        Receive<ClusterEvent.UnreachableMember>(Lost);
        Receive<ClusterEvent.ReachableMember>(found => _unreachable.Remove(found.Member.UniqueAddress));
        Receive<ClusterEvent.IClusterDomainEvent>(_ => { });
        Receive<BucketsHeld>(Held);
        Receive<BucketGiven>(Give);
        Receive<Tick>(tick => tick == Tick.Ask, _ => Ask());
        Receive<Tick>(tick => tick == Tick.Again, _ => Begin());
        Receive<Tick>(tick => tick == Tick.Deadline, _ => End($"not complete after {SessionBounds.FillDeadline}"));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private static string Name(Address address) => address.ToString();

    private void Heard(ClusterEvent.CurrentClusterState state)
    {
        foreach (Member member in state.Members)
        {
            _members[member.UniqueAddress] = member;
        }

        _unreachable.UnionWith(state.Unreachable.Select(m => m.UniqueAddress));
        if (_members.GetValueOrDefault(_cluster.SelfUniqueAddress)?.Status == MemberStatus.Up)
        {
            Begin();
        }
    }

    private void Heard(ClusterEvent.IMemberEvent happened)
    {
        _members[happened.Member.UniqueAddress] = happened.Member;
        if (happened is ClusterEvent.MemberUp && happened.Member.UniqueAddress == _cluster.SelfUniqueAddress)
        {
            Begin();
        }
    }

    private void Removed(ClusterEvent.MemberRemoved gone)
    {
        _members.Remove(gone.Member.UniqueAddress);
        _unreachable.Remove(gone.Member.UniqueAddress);
        Left(gone.Member);
    }

    private void Lost(ClusterEvent.UnreachableMember lost)
    {
        _unreachable.Add(lost.Member.UniqueAddress);
        Left(lost.Member);
    }

    private void Begin()
    {
        IEnumerable<string> peers = _members.Values
            .Where(m => m.Status is MemberStatus.Up or MemberStatus.Leaving && !_unreachable.Contains(m.UniqueAddress))
            .Where(m => m.UniqueAddress != _cluster.SelfUniqueAddress)
            .Select(m => Name(m.Address));
        Timers.StartSingleTimer(Tick.Deadline, Tick.Deadline, SessionBounds.FillDeadline);
        Timers.StartPeriodicTimer(Tick.Ask, Tick.Ask, TimeSpan.Zero, SessionBounds.AskHeldInterval);
        Continue(FillState.From(peers));
    }

    private void Left(Member member) => Continue(_state.Left(Name(member.Address)));

    private void Ask()
    {
        foreach (string peer in _state.Unanswered)
        {
            _peer(Address.Parse(peer)).Tell(AskHeldBuckets.Instance);
        }

        Continue(_state.Waited(SessionBounds.FillRoundsMax, SessionBounds.FillAttempts));
    }

    private void Held(BucketsHeld held)
    {
        // What one peer lacks is sent to all, so once is enough.
        foreach (BucketId lacked in _brought.Except(held.Buckets.Select(b => b.Bucket)).ToArray())
        {
            _brought.Remove(lacked);
            _replica.Tell(new BucketGiven(lacked, 0, BindingBucket.Empty, Same: 0));
        }

        Continue(_state.Answered(Name(Sender.Path.Address), held, bucket => _own(bucket).Fingerprint));
    }

    private void Give(BucketGiven given)
    {
        _replica.Tell(given);
        Continue(_state.Given(new HeldBucket(given.Bucket, given.Fingerprint)));
    }

    private void Continue(FillState state)
    {
        (_state, ImmutableArray<BucketFetch> fetches) = state.Take(SessionBounds.FillsInFlight);
        foreach (BucketFetch fetch in fetches)
        {
            BindingBucket own = _own(fetch.Held.Bucket);
            _peer(Address.Parse(fetch.Peer)).Tell(new GiveBucket(
                fetch.Held.Bucket, fetch.Held.Fingerprint, own.Count == 0 ? [] : own.PageFingerprints()));
        }

        if (_state.IsDone && Timers.IsTimerActive(Tick.Deadline))
        {
            End(_state.GivenUp == 0 ? null : $"{_state.GivenUp} buckets were not given");
        }
    }

    private void End(string? shortfall)
    {
        if (shortfall is not null)
        {
            Log.TablesFilledInPart(_logger, shortfall);
        }

        Timers.CancelAll();
        _state = FillState.Nothing;
        if (_again)
        {
            Context.Stop(Self);
            return;
        }

        _again = true;
        _brought.Clear();
        _replica.Tell(FillEnded.Instance);
        Timers.StartSingleTimer(Tick.Again, Tick.Again, SessionBounds.FillAgainAfter);
    }

    private enum Tick
    {
        Ask,
        Again,
        Deadline,
    }
}

/// <summary>This member has what the others have.</summary>
internal sealed record FillEnded
{
    public static readonly FillEnded Instance = new();

    private FillEnded()
    {
    }
}
