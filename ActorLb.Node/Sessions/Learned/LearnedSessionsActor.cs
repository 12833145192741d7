using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Akka.Cluster;

namespace ActorLb.Node.Sessions.Learned;

/// <summary>
/// Has the other members know sessions whose clients are about to get their cookies, or whose new home no cookie tells, and says when
/// they do. What comes while a round is under way goes out together in the next one.
/// </summary>
internal sealed class LearnedSessionsActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "learned-sessions";

    private readonly DataPlane _plane;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private ImmutableHashSet<string> _members = [];
    private ShareState _state = ShareState.Idle;
    private List<ShareLearned> _gathered = [];
    private List<ShareLearned> _underWay = [];

    public LearnedSessionsActor(DataPlane plane)
    {
        _plane = plane;
        Receive<ShareLearned>(share =>
        {
            if (_gathered.Count == SessionBounds.BindingsRelayedMax)
            {
                share.Shared.TrySetResult();
                return;
            }

            _gathered.Add(share);
            BeginIfFree();
        });
        Receive<ShareSessions>(Learn);
        Receive<AskOthers>(_ => Sender.Tell(new OthersToAsk([.. _members.Select(m => Context.At<LearnedSessionsActor>(m))])));
        Receive<FindSession>(ask => Sender.Tell(new SessionFound(Known(ask.Bucket.Pool, ask.Session))));
        Receive<SessionsShared>(told => Follow(_state.Confirmed(NodeOf(Sender.Path.Address), told.Round)));
        Receive<Tick>(_ => Follow(_state.TimedOut()));
        Receive<ClusterEvent.MemberJoined>(joined => Found(joined.Member));
        Receive<ClusterEvent.MemberWeaklyUp>(up => Found(up.Member));
        Receive<ClusterEvent.MemberUp>(up => Found(up.Member));
        Receive<ClusterEvent.ReachableMember>(found => Found(found.Member));
        Receive<ClusterEvent.MemberRemoved>(gone => Lost(gone.Member));
        Receive<ClusterEvent.UnreachableMember>(gone => Lost(gone.Member));
        Receive<ClusterEvent.IClusterDomainEvent>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => _cluster.Subscribe(
        Self,
        ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
        typeof(ClusterEvent.IMemberEvent),
        typeof(ClusterEvent.IReachabilityEvent));

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);

        // Nobody waits for one that is gone.
        End(_underWay);
        End(_gathered);
    }

    private static string NodeOf(Address address) => address.ToString();

    private static void End(List<ShareLearned> shared)
    {
        foreach (ShareLearned share in shared)
        {
            share.Shared.TrySetResult();
        }
    }

    private void Found(Member member)
    {
        if (member.UniqueAddress != _cluster.SelfUniqueAddress && member.Status != MemberStatus.Leaving && MembershipActor.MayServe(member))
        {
            _members = _members.Add(NodeOf(member.Address));
        }
    }

    private void Lost(Member member)
    {
        _members = _members.Remove(NodeOf(member.Address));
        Follow(_state.Left(NodeOf(member.Address)));
    }

    private void BeginIfFree()
    {
        if (_underWay.Count > 0 || _gathered.Count == 0)
        {
            return;
        }

        (_underWay, _gathered) = (_gathered, _underWay);
        _state = _state.Begun(_members);
        if (!_members.IsEmpty)
        {
            var told = new ShareSessions(_state.Round, [.. _underWay.GroupBy(s => s.Pool).Select(p => new PoolSessions(p.Key, [.. p.Select(s => s.Binding)]))]);
            foreach (string member in _members)
            {
                Context.At<LearnedSessionsActor>(member).Tell(told);
            }
        }

        Timers.StartSingleTimer(Tick.Over, Tick.Over, SessionBounds.ShareTimeout);
        Follow(_state);
    }

    private void Follow(ShareState next)
    {
        _state = next;
        if (_state.IsOver && _underWay.Count > 0)
        {
            Timers.Cancel(Tick.Over);
            End(_underWay);
            _underWay.Clear();
            BeginIfFree();
        }
    }

    // By this node's tables alone, whoever owns it.
    private Binding Known(string pool, SessionId session)
    {
        Binding known = default;
        bool isKnown = (_plane.Tables.GetValueOrDefault(pool)?.TryGet(session, out known) == true && !known.IsExpired(_plane.Clock.Ending, _plane.Topology.Pools[pool].Affinity.IdleTimeout))
            || _plane.Learned.GetValueOrDefault(pool)?.TryGet(session, out known) == true;
        return isKnown ? known : new Binding(session, BackendKey.None, 0, 0);
    }

    private void Learn(ShareSessions told)
    {
        foreach (PoolSessions pool in told.Pools)
        {
            if (!_plane.Learned.TryGetValue(pool.Pool, out LearnedSessions? learned) || !_plane.Tables.TryGetValue(pool.Pool, out BindingTable? lasting))
            {
                continue;
            }

            foreach (Binding binding in pool.Sessions)
            {
                // One whose cookie has come back already was moved.
                if (lasting.TryGet(binding.Id, out _))
                {
                    lasting.Note(binding);
                }
                else
                {
                    learned.Told(binding);
                }
            }
        }

        Sender.Tell(new SessionsShared(told.Round));
    }

    private enum Tick
    {
        Over,
    }
}

/// <summary>Who else may know a session, beside its owner. Within a node, to its LearnedSessionsActor, answered by <see cref="OthersToAsk"/>.</summary>
internal sealed record AskOthers
{
    public static readonly AskOthers Instance = new();
}

/// <param name="Nodes">The LearnedSessionsActors of the other members that can be reached: they take <see cref="FindSession"/> and answer by their own tables.</param>
internal sealed record OthersToAsk(ImmutableArray<ICanTell> Nodes);

/// <summary>Has others know a session. Within a node.</summary>
/// <param name="Shared">Completes when they do, or their time is over.</param>
internal sealed record ShareLearned(string Pool, Binding Binding, TaskCompletionSource Shared);
