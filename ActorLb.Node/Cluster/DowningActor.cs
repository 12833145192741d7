using ActorLb.Node.Cluster.Connections;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Logging;
using ActorLb.Node.Supervision;
using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>Tells <see cref="DowningState"/> who is unreachable, and the cluster whom it decided to down.</summary>
internal sealed class DowningActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long before it would go on without an older member a node asks the others whether they hear it.</summary>
    private static readonly TimeSpan AskBefore = TimeSpan.FromSeconds(1);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILogger _logger = Context.LoggerOf<DowningActor>();
    private readonly TimeSpan _stableAfter;
    private readonly TimeProvider _time;
    private DowningState _state = DowningState.Empty;
    private readonly HashSet<MemberKey> _askedAbout = [];
    private bool _downedSelf;

    public DowningActor(TimeSpan stableAfter, TimeProvider time)
    {
        _stableAfter = stableAfter;
        _time = time;
        Receive<ClusterEvent.CurrentClusterState>(_ => { });
        Receive<ClusterEvent.UnreachableMember>(e => _state = _state.Unreachable(KeyOf(e.Member), _time.GetUtcNow()));
        Receive<ClusterEvent.ReachableMember>(e => Forget(e.Member));
        Receive<ClusterEvent.MemberDowned>(e => Forget(e.Member));
        Receive<ClusterEvent.MemberRemoved>(e => Forget(e.Member));
        Receive<HeardMember>(OnHeard);
        Receive<Tick>(_ => DownOverdue());
        Receive<ThisActorSystemQuarantinedEvent>(OnQuarantined);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IReachabilityEvent),
            typeof(ClusterEvent.MemberDowned),
            typeof(ClusterEvent.MemberRemoved));
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TickInterval);
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    private static MemberKey KeyOf(Member member) => new(member.Address.ToString(), member.UniqueAddress.Uid);

    private void Forget(Member member)
    {
        _state = _state.Forget(KeyOf(member));
        _askedAbout.Remove(KeyOf(member));
    }

    // If the two of a broken link both went on without the other, those that hear both would lose both.
    private void AskAboutOlder()
    {
        foreach (MemberKey key in _state.Overdue(_time.GetUtcNow() + AskBefore, _stableAfter, IsHeardHere))
        {
            if (_cluster.State.Members.FirstOrDefault(m => KeyOf(m) == key) is { } member
                && member.IsOlderThan(_cluster.SelfMember)
                && _askedAbout.Add(key))
            {
                var question = new AskHeard(NodeAddresses.Of(member.Address), key.Uid);
                foreach (Member witness in _cluster.State.Members.Where(m => IsHeardHere(KeyOf(m))))
                {
                    Context.At<DiscoveryActor>(witness.Address).Tell(question);
                }
            }
        }
    }

    private void OnHeard(HeardMember answer)
    {
        if (answer.Hears && _askedAbout.FirstOrDefault(k => k.Uid == answer.Uid) is { Address: not null } older)
        {
            Log.OlderDecides(_logger, NodeAddresses.Of(Sender.Path.Address), older.Address);
            _state = _state.DeferTo(older);
        }
    }

    private void DownOverdue()
    {
        if (!_state.IsWaiting)
        {
            return;
        }

        AskAboutOlder();
        foreach (MemberKey member in _state.Overdue(_time.GetUtcNow(), _stableAfter, IsHeardHere))
        {
            Log.NodeDowned(_logger, NodeAddresses.Of(Address.Parse(member.Address)), _stableAfter.TotalSeconds);
            _cluster.Down(Address.Parse(member.Address));
        }
    }

    private bool IsHeardHere(MemberKey member)
    {
        Address address = Address.Parse(member.Address);
        return _cluster.FailureDetector.IsMonitoring(address) && _cluster.FailureDetector.IsAvailable(address);
    }

    // The others went on without this node, for instance while it was paused. It has not noticed anything: its
    // members would fall silent one by one, and it would stay alone. So it downs itself and joins them anew.
    private void OnQuarantined(ThisActorSystemQuarantinedEvent e)
    {
        if (!_downedSelf && _cluster.State.Members.Any(m => m.Address == e.RemoteAddress))
        {
            _downedSelf = true;
            Log.DownedByOthers(_logger, NodeAddresses.Of(e.RemoteAddress));
            _cluster.Down(_cluster.SelfAddress);
        }
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
