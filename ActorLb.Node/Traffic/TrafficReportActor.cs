using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Traffic;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Traffic;

/// <summary>Tells the other nodes every second what this one has open at backends, and takes down what they say.</summary>
internal sealed class TrafficReportActor : ReceiveActor, IWithTimers
{
    public const string Name = "traffic";

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly DataPlane _plane;
    private readonly ClusterTraffic _traffic;
    private readonly Func<uint> _configuration;
    private ImmutableArray<string> _others = [];

    /// <param name="configuration">The fingerprint of what is in force on this node.</param>
    public TrafficReportActor(DataPlane plane, ClusterTraffic traffic, Func<uint> configuration)
    {
        _configuration = configuration;
        _plane = plane;
        _traffic = traffic;
        Receive<TrafficReported>(m => m.Node != plane.Settings.Name, traffic.Take);
        Receive<TrafficReported>(_ => { });
        Receive<MembershipChanged>(Follow);
        Receive<Tick>(_ => Report());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.FollowMembership();
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, ReportInterval);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Follow(MembershipChanged membership)
    {
        NodeMember[] others = [.. membership.Members.Where(m => m.Name != _plane.Settings.Name && m.Status is not ("down" or "removed"))];
        _others = [.. others.Select(m => m.Address)];
        _traffic.Keep(others.Select(m => m.Name).ToHashSet());
    }

    private void Report()
    {
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

        var report = new TrafficReported(_plane.Settings.Name, open.ToImmutable()) { Configuration = _configuration() };
        foreach (string address in _others)
        {
            Context.ActorSelection($"{address}/user/{Name}").Tell(report);
        }
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
