using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Health;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Health;

/// <summary>
/// Adds up the verdicts of all observers: tells its own to the boards of the other nodes, on every change and every
/// second, and this node's routers what the majority says.
/// </summary>
internal sealed class HealthBoardActor : ReceiveActor, INodeActor
{
    public static string Name => "health-board";

    /// <summary>How often all verdicts are told again: a lost report is made good by the next one.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly DataPlane _plane;
    private readonly HealthCapability _capability;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Alarm _alarm;
    private HealthBoardState _state;
    private ImmutableArray<string> _others = [];
    private bool _reporting;

    public HealthBoardActor(DataPlane plane, HealthCapability capability, ILogger<HealthBoardActor> logger, TimeProvider time)
    {
        _plane = plane;
        _capability = capability;
        _logger = logger;
        _time = time;
        _alarm = new Alarm(time, Self);
        _state = HealthBoardState.Start(plane.Settings.Name, plane.Routing);
        Receive<ProbeJudged>(OnJudged);
        Receive<VerdictsReported>(m => m.Node != _state.Self, m => Update(_state.WithReport(m, Moment.Of(_time))));
        Receive<ObservationChanged>(OnObservation);
        Receive<MembershipChanged>(OnMembership);
        Receive<PoolChanged>(m => Update(_state.WithPool(m.Pool, Moment.Of(_time))));
        Receive<PoolRemoved>(m => Update(_state.Without(m.Pool)));
        Receive<ReportNow>(_ => Report());
        Receive<AlarmRang>(_alarm.IsMine, _ => OnTick());
        Receive<AlarmRang>(_ => { });
        Receive<VerdictsReported>(_ => { });
    }

    protected override void PreStart()
    {
        Context.FollowMembership();
        Context.System.EventStream.Subscribe(Self, typeof(PoolChanged));
        Context.System.EventStream.Subscribe(Self, typeof(PoolRemoved));
        _alarm.Set(ReportInterval);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);

        // Whoever decides without us decides as if nothing were in doubt.
        _plane.IsCutOff = false;
        _alarm.Dispose();
    }

    private void OnJudged(ProbeJudged judged)
    {
        Update(_state.WithOwn(judged.Verdict, Moment.Of(_time)));
        if (judged.IsUrgent)
        {
            ReportSoon();
        }
    }

    private void OnObservation(ObservationChanged observation)
    {
        Update(_state.WithObserved(observation.Observed, Moment.Of(_time)));
        ReportSoon();
    }

    private void OnMembership(MembershipChanged membership)
    {
        _others = [.. membership.Members.Where(m => m.Name != _state.Self && m.Status is not ("down" or "removed")).Select(m => m.Address)];
        Update(_state.WithMembers(membership, Moment.Of(_time)));
        ReportSoon();
    }

    private void OnTick()
    {
        Update(_state.At(Moment.Of(_time)));
        Report();
        _alarm.Set(ReportInterval);
    }

    /// <summary>After what is already in the mailbox: many changes at once make one report.</summary>
    private void ReportSoon()
    {
        if (!_reporting)
        {
            _reporting = true;
            Self.Tell(ReportNow.Instance);
        }
    }

    private void Report()
    {
        _reporting = false;
        if (_others.IsEmpty)
        {
            return;
        }

        var report = new VerdictsReported(_state.Self, _state.Own);
        foreach (string address in _others)
        {
            Context.At<HealthBoardActor>(address).Tell(report);
        }
    }

    private void Update(HealthBoardState next)
    {
        HealthBoardState before = _state;
        _state = next;
        _capability.Board = next;
        _plane.IsCutOff = next.InDoubtSince is not null;

        // Before the news of single backends: a circuit that opened in the dark must be closed when the first of them is up.
        Context.System.EventStream.Publish(new BoardChanged(next));
        foreach ((BackendName name, BackendVerdicts backend) in next.Backends)
        {
            if (backend.Health != (before.Backends.GetValueOrDefault(name)?.Health ?? BackendHealth.Unknown))
            {
                Announce(name, backend, next.VerdictsOn(name));
            }
        }
    }

    private void Announce(BackendName name, BackendVerdicts backend, ImmutableArray<Verdict> verdicts)
    {
        Log.BackendHealthChanged(
            _logger,
            backend.Health == BackendHealth.Up ? LogLevel.Information : LogLevel.Warning,
            name,
            backend.Health,
            string.Join(", ", verdicts.Select(v => $"{v.Node}: {v.Detail}")),
            backend.Health == BackendHealth.Down && ProbeAdvice.For(name.Pool, WhyDown(verdicts)) is { Length: > 0 } advice ? $"; {advice}" : "");
        Context.System.EventStream.Publish(new BackendHealthChanged(name, backend.Health, backend.Since, verdicts));
    }

    /// <summary>What an observer that calls it down says of it; empty where none does.</summary>
    public static string WhyDown(ImmutableArray<Verdict> verdicts) => verdicts.FirstOrDefault(v => !v.Healthy)?.Detail ?? "";

    private sealed class ReportNow
    {
        public static readonly ReportNow Instance = new();
    }
}

/// <summary>What this node's board knows now. Within a node.</summary>
internal sealed record BoardChanged(HealthBoardState Board);
