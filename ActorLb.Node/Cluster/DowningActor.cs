using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;

namespace ActorLb.Node.Cluster;

/// <summary>Tells <see cref="DowningState"/> who is unreachable, and the cluster whom it decided to down.</summary>
internal sealed class DowningActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly TimeSpan _stableAfter;
    private readonly TimeProvider _time;
    private DowningState _state = DowningState.Empty;

    public DowningActor(TimeSpan stableAfter, TimeProvider time)
    {
        _stableAfter = stableAfter;
        _time = time;
        Receive<ClusterEvent.CurrentClusterState>(_ => { });
        Receive<ClusterEvent.UnreachableMember>(e => _state = _state.Unreachable(KeyOf(e.Member), _time.GetUtcNow()));
        Receive<ClusterEvent.ReachableMember>(e => _state = _state.Forget(KeyOf(e.Member)));
        Receive<ClusterEvent.MemberDowned>(e => _state = _state.Forget(KeyOf(e.Member)));
        Receive<ClusterEvent.MemberRemoved>(e => _state = _state.Forget(KeyOf(e.Member)));
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

    private void DownOverdue()
    {
        if (!_state.IsWaiting)
        {
            return;
        }

        foreach (MemberKey member in _state.Overdue(_time.GetUtcNow(), _stableAfter, IsHeardHere))
        {
            _log.Warning("Going on without {0}: unreachable for {1}", member.Address, _stableAfter);
            _cluster.Down(Address.Parse(member.Address));
        }
    }

    private bool IsHeardHere(MemberKey member)
    {
        Address address = Address.Parse(member.Address);
        return _cluster.FailureDetector.IsMonitoring(address) && _cluster.FailureDetector.IsAvailable(address);
    }

    // The others went on without this node, for instance while it was paused. It has not noticed anything: its
    // members would fall silent one by one, and it would stay alone. So it ends here and joins them anew.
    private void OnQuarantined(ThisActorSystemQuarantinedEvent e)
    {
        if (_cluster.State.Members.Any(m => m.Address == e.RemoteAddress))
        {
            _log.Warning("{0} went on without this node: starting the actor system anew", e.RemoteAddress);
            CoordinatedShutdown.Get(Context.System).Run(CoordinatedShutdown.ClusterDowningReason.Instance);
        }
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
