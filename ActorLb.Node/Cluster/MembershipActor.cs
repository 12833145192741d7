using System.Collections.Immutable;
using ActorLb.Node.Cluster.Connections;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>
/// Turns Akka's cluster events into <see cref="MembershipChanged"/> on the system's event stream, and answers
/// <see cref="GetMembership"/> with the last one.
/// </summary>
internal sealed class MembershipActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "membership";

    /// <summary>The role that carries a node's name.</summary>
    private const string NameRole = "name=";

    /// <summary>Who was lost is forgotten after half an hour, whether anything else changes or not.</summary>
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(1);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILogger _logger;
    private readonly Action<MembershipChanged> _changed;
    private readonly Func<DateTimeOffset> _now;
    private readonly Dictionary<MemberKey, Member> _members = [];
    private MembershipState _state;
    private MembershipChanged _published;
    private ImmutableHashSet<string> _twins = [];
    private LostNodes _lost = LostNodes.None;

    /// <param name="self">This node's name.</param>
    /// <param name="changed">Also told of every change; for those who are no actors.</param>
    /// <param name="now">The time that the nodes agree on.</param>
    public MembershipActor(string self, Action<MembershipChanged> changed, Func<DateTimeOffset> now, ILogger<MembershipActor> logger)
    {
        _now = now;
        _logger = logger;
        _changed = changed;
        _state = MembershipState.Of(self);
        _published = _state.Current;
        Receive<ClusterEvent.CurrentClusterState>(OnCurrent);
        Receive<ClusterEvent.MemberRemoved>(e => OnRemoved(e.Member));
        Receive<ClusterEvent.IMemberEvent>(e => OnSeen(e.Member));
        Receive<ClusterEvent.UnreachableMember>(e => OnUnreachable(e.Member));
        Receive<ClusterEvent.ReachableMember>(e => Publish(_state.Reachable(KeyOf(e.Member))));
        Receive<GetMembership>(_ => Sender.Tell(_published));
        Receive<Forget>(_ => Publish(_state));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The role by which a node tells its name.</summary>
    public static string RoleOf(string node) => NameRole + node;

    // All at once: whoever hears of members one by one when this actor starts anew would think that the rest is gone. And before
    // anybody who has asked meanwhile is answered.
    protected override void PreStart()
    {
        OnCurrent(_cluster.State);
        Timers.StartPeriodicTimer(Forget.Instance, Forget.Instance, ForgetInterval);
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent));
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private static MemberKey KeyOf(Member member) => new(member.Address.ToString(), member.UniqueAddress.Uid);

    /// <summary>The name of a member's node.</summary>
    public static string NameOf(Member member) =>
        member.Roles.FirstOrDefault(r => r.StartsWith(NameRole, StringComparison.Ordinal))?[NameRole.Length..] ?? member.Address.ToString();

    /// <summary>As <see cref="NodeMember.MayServe"/>.</summary>
    public static bool MayServe(Member member) =>
        member.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up or MemberStatus.Leaving;

    private static string StatusOf(Member member) => member.Status switch
    {
        MemberStatus.Joining or MemberStatus.WeaklyUp => "joining",
        MemberStatus.Up => "up",
        MemberStatus.Leaving => "leaving",
        MemberStatus.Exiting => "exiting",
        MemberStatus.Down => "down",
        _ => "removed",
    };

    private static string Describe(MembershipChanged membership) => membership.Members.IsEmpty
        ? "none"
        : string.Join(", ", membership.Members.Select(m => $"{m.Name} {m.Status}{(m.Reachable ? "" : " (unreachable)")}"));

    private void OnCurrent(ClusterEvent.CurrentClusterState cluster)
    {
        _members.Clear();
        foreach (Member member in cluster.Members)
        {
            _members[KeyOf(member)] = member;
        }

        Publish(cluster.Unreachable.Aggregate(MembershipState.Of(_state.Self).Seen(Sightings()), (state, m) => state.Unreachable(KeyOf(m))));
    }

    private void OnSeen(Member member)
    {
        _members[KeyOf(member)] = member;
        Publish(_state.Seen(Sightings()));
    }

    private void OnUnreachable(Member member)
    {
        // Who leaves by itself ends before the others have taken it out.
        if (member.Status is not (MemberStatus.Exiting or MemberStatus.Down))
        {
            Log.NodeUnreachable(_logger, NameOf(member), NodeAddresses.Of(member.Address));
        }

        Publish(_state.Unreachable(KeyOf(member)));
    }

    private void OnRemoved(Member member)
    {
        _members.Remove(KeyOf(member));
        Publish(_state.Seen(Sightings()));
    }

    private ImmutableArray<MemberSighting> Sightings() =>
    [
        .. _members.Values
            .Order(Member.AgeOrdering)
            .Select((m, i) => new MemberSighting(KeyOf(m), NameOf(m), StatusOf(m), i)),
    ];

    private void TellOfTwins(MembershipChanged current)
    {
        ILookup<string, NodeMember> twins = MembershipState.Twins(current);
        foreach (IGrouping<string, NodeMember> twin in twins.Where(t => !_twins.Contains(t.Key)))
        {
            Log.NodeNameTwice(_logger, twin.Count(), twin.Key, string.Join(", ", twin.Select(m => m.Address)));
        }

        _twins = [.. twins.Select(t => t.Key)];
    }

    private void Publish(MembershipState state)
    {
        _state = state;
        DateTimeOffset now = _now();
        MembershipChanged current = state.Current;
        _lost = _lost.After(current.Members, now);
        current = current with { Lost = _lost.Among(current.Members, now) };
        bool isSame = MembershipState.Same(current, _published);
        if (isSame && current.Lost.SequenceEqual(_published.Lost))
        {
            return;
        }

        _published = current;
        if (!isSame)
        {
            Log.MembersChanged(_logger, Describe(current));
            TellOfTwins(current);
        }


        // First: who is told of it looks there.
        _changed(current);
        Context.System.EventStream.Publish(current);
    }

    private sealed class Forget
    {
        public static readonly Forget Instance = new();
    }
}
