using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Cluster;
using ActorLb.Node.Health;
using ActorLb.Node.Logging;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Traffic;

/// <summary>
/// Tells the other nodes every second what this one has open at backends, and takes down what they say. More often while
/// something drains: somebody may wait for its end.
/// </summary>
internal sealed class TrafficReportActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "traffic";

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan DrainReportInterval = TimeSpan.FromMilliseconds(250);

    private readonly DataPlane _plane;
    private readonly ClusterTraffic _traffic;
    private readonly HealthCapability _capability;
    private readonly Func<uint> _configuration;
    private readonly DriftLog _drift;
    private ImmutableArray<NodeMember> _others = [];

    /// <param name="configuration">The fingerprint of what is in force on this node.</param>
    public TrafficReportActor(DataPlane plane, ClusterTraffic traffic, HealthCapability capability, Func<uint> configuration)
    {
        _capability = capability;
        _configuration = configuration;
        _plane = plane;
        _traffic = traffic;
        _drift = new DriftLog(Context.LoggerOf<TrafficReportActor>(), plane.Time);
        Receive<TrafficReported>(m => m.Node != plane.Settings.Name, traffic.Take);
        Receive<TrafficReported>(_ => { });
        Receive<MembershipChanged>(Follow);
        Receive<Tick>(_ => Report());
        Receive<ReportNow>(_ => Report());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.FollowMembership();
        Timers.StartSingleTimer(Tick.Instance, Tick.Instance, ReportInterval);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Follow(MembershipChanged membership)
    {
        _others = [.. membership.Members.Where(m => m.Name != _plane.Settings.Name && m.Status is not ("down" or "removed"))];
        _traffic.Keep(_others.Select(m => m.Name).ToHashSet());
    }

    private void Report()
    {
        ImmutableArray<DrainAtNode> drains = Drains();
        Timers.StartSingleTimer(Tick.Instance, Tick.Instance, drains.IsEmpty ? ReportInterval : DrainReportInterval);
        uint configuration = _configuration();
        _drift.Look(configuration, [.. _others.Select(o => (o.Name, _traffic.ConfigurationOf(o.Name)))]);
        if (_others.IsEmpty)
        {
            return;
        }

        var open = ImmutableArray.CreateBuilder<OpenAtBackend>();
        foreach (PoolSnapshot pool in _plane.Routing.Pools.Values)
        {
            foreach (BackendSnapshot backend in pool.Backends.Where(b => b.Traffic.InFlight > 0))
            {
                open.Add(new OpenAtBackend(new BackendName(pool.Name, backend.Id), backend.Traffic.InFlight, backend.Traffic.Tunnels));
            }
        }

        var report = new TrafficReported(_plane.Settings.Name, open.ToImmutable()) { Configuration = configuration, Drains = drains };
        foreach (NodeMember other in _others)
        {
            Context.At<TrafficReportActor>(other.Address).Tell(report);
        }
    }

    // The sessions before what is open: a request that begins in between is counted once at least.
    private ImmutableArray<DrainAtNode> Drains()
    {
        var drains = ImmutableArray.CreateBuilder<DrainAtNode>();
        RoutingSnapshot routing = _plane.Routing;
        foreach (PoolSnapshot pool in routing.Pools.Values.Where(p => p.Backends.Any(b => b.Operator == OperatorState.Draining)))
        {
            Dictionary<BackendKey, int> bound = _plane.Tables[pool.Name].CountByBackend(_plane.Clock.Ending, pool.Settings.Affinity.IdleTimeout);
            drains.AddRange(pool.Backends
                .Where(b => b.Operator == OperatorState.Draining)
                .Select(b => new DrainAtNode(new BackendName(pool.Name, b.Id), b.Decision?.Version ?? 0, b.HoldsSessions ? bound.GetValueOrDefault(b.Key) : 0)));
        }

        // Where another node has a backend that this one has not, this one sends nothing there.
        drains.AddRange(_capability.Decisions.Values
            .Where(d => d.State == OperatorState.Draining && routing.Pools.GetValueOrDefault(d.Backend.Pool)?.Find(BackendKey.Of(d.Backend.Id)) is null)
            .Select(d => new DrainAtNode(d.Backend, d.Version, 0)));
        return drains.ToImmutable();
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}

/// <summary>What is in force at this node is another configuration: the others are told at once. Within a node.</summary>
internal sealed record ReportNow
{
    public static readonly ReportNow Instance = new();
}
