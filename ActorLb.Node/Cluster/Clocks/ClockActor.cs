using ActorLb.Engine;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;
using ClusterSettings = ActorLb.Shared.Settings.ClusterSettings;

namespace ActorLb.Node.Cluster.Clocks;

/// <summary>
/// Compares this node's clock with those of the other members, and with its own monotonic one, and sets the time of
/// sessions by what they agree on. <see cref="ClockState"/> decides.
/// </summary>
internal sealed class ClockActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "clock";

    /// <summary>The role of members that answer questions about their clocks.</summary>
    public const string Role = "clock";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>While nothing is known: listeners wait for it.</summary>
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>After this as a member, a node goes on with those that answered.</summary>
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(5);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly DataPlane _plane;
    private readonly ClockReport _report;
    private readonly long _startedAt;
    private long? _memberAt;

    public ClockActor(DataPlane plane, ILogger<ClockActor> logger)
    {
        _plane = plane;
        _report = new ClockReport(plane, logger);
        _startedAt = plane.Clock.Monotonic;
        Receive<AskClock>(ask => Sender.Tell(new ClockTold(ask.Asked, plane.Clock.Wall)));
        Receive<ClockTold>(Heard);
        Receive<Tick>(_ => Look());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartSingleTimer(Tick.Instance, Tick.Instance, TimeSpan.Zero);

    private void Heard(ClockTold told)
    {
        Address node = Sender.Path.Address;
        if (Others().Any(m => m.Address == node))
        {
            Apply(state => state.Heard(node.ToString(), told.Wall, told.Asked, _plane.Clock.Monotonic));
        }
    }

    private void Look()
    {
        Member[] others = [.. Others()];
        foreach (Member other in others)
        {
            Context.At<ClockActor>(other.Address).Tell(new AskClock(_plane.Clock.Monotonic));
        }

        // Who starts its control plane anew goes by what it heard before, until it is a member again.
        Apply(state => IsMember ? state.Among(others.Select(m => m.Address.ToString())) : state);
        Timers.StartSingleTimer(Tick.Instance, Tick.Instance, _plane.Clock.WhenCompared.IsCompleted ? Interval : FirstInterval);
    }

    private void Apply(Func<ClockState, ClockState> heard)
    {
        (ClockState before, ClockState after) = _plane.Clock.Look(state =>
        {
            ClockState next = heard(state);
            return IsKnown(next) ? next.Settled() : next;
        });
        _report.Tell(before, after);
        if (after.Base < before.Base)
        {
            LeaveHorizonsBehind();
        }
    }

    // What this node cut off alone, by a clock that was ahead, keeps out what is new here until then; distributed data only
    // lets it grow. The next run of the control plane begins without.
    private void LeaveHorizonsBehind()
    {
        uint now = _plane.Clock.Now;
        if (_plane.Tables.Values.Any(t => Enumerable.Range(0, BucketId.Count).Any(i => t.Replicated(i).Horizon > now))
            && _plane.Clock.TryStartAnew())
        {
            _report.StartsAnew();
            _cluster.Down(_cluster.SelfAddress);
        }
    }

    // Of several nodes that are meant to be, one that finds nobody knows nothing of its clock: what it read from its disk
    // is kept for as long as it could be used.
    private bool IsKnown(ClockState state)
    {
        long now = _plane.Clock.Monotonic;
        bool isOver = now - _startedAt >= (long)_plane.Topology.LongestIdleTimeout.TotalMilliseconds;
        if (!IsMember)
        {
            return isOver;
        }

        _memberAt ??= now;
        bool isAlone = !Others().Any();
        if (!Others().All(m => state.Samples.ContainsKey(m.Address.ToString())) && now - _memberAt < (long)AnswersWithin.TotalMilliseconds)
        {
            return false;
        }

        _plane.Clock.MarkCompared();
        return !isAlone || !ExpectsOthers || isOver;
    }

    private bool IsMember => _cluster.SelfMember.Status == MemberStatus.Up;

    private bool ExpectsOthers
    {
        get
        {
            ClusterSettings cluster = _plane.Settings.Cluster;
            return cluster.Dns is { RequiredNodes: > 1 } || cluster.Seeds.Any(s => s != new HostPort(cluster.Host, cluster.Port));
        }
    }

    private IEnumerable<Member> Others()
    {
        ClusterEvent.CurrentClusterState state = _cluster.State;
        return state.Members.Where(m =>
            m.Status == MemberStatus.Up
            && m.UniqueAddress != _cluster.SelfUniqueAddress
            && m.Roles.Contains(Role)
            && !state.Unreachable.Contains(m));
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
