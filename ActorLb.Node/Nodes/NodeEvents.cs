using System.Collections.Immutable;
using ActorLb.Node.Admin;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Node.Events.Webhooks;
using ActorLb.Node.Otlp;
using ActorLb.Node.Reloads;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Nodes;

/// <summary>The events of a node: where they come from, the log that they are in, and who is told. Lives as long as the process.</summary>
internal sealed class NodeEvents : IAsyncDisposable
{
    private readonly BalancerNode _node;
    private readonly NodeView _view;
    private readonly TimeProvider _time;
    private readonly EventFile _file;
    private readonly EventSources _sources;
    private readonly ImmutableArray<Webhook> _webhooks;

    /// <param name="view">Of the node, which may be made only in part: nothing is looked at before the start.</param>
    public NodeEvents(BalancerNode node, NodeView view, NodeSettings settings, ILoggerFactory loggers, TimeProvider time)
    {
        _node = node;
        _view = view;
        _time = time;
        ILogger logger = loggers.CreateLogger("ActorLb.Events");
        Log = new EventLog(settings.Name, () => node.Plane.Clock.UtcNow, logger);
        Words = new DecisionWords(Log);
        Healths = new HealthBeginnings(Log);
        Facts = new SharedFacts(Log, () => node.Control.Membership, new OwnPauses(time));
        _file = new EventFile(settings.DataDirectory, Log, time, logger);
        _webhooks = [.. settings.Webhooks.Select(w => new Webhook(w, time, logger))];
        _sources = new EventSources(Log, time, logger, Sources());
        Decisions = new DecisionSpans(node.Plane.Traces.Spans, time);
        Decisions.Follow(Log);
        node.Plane.Traces.CauseOfMove = Decisions.CauseOf;
        foreach (Webhook webhook in _webhooks)
        {
            Log.Noted += webhook.Offer;
        }
    }

    public EventLog Log { get; }

    /// <summary>When operators' decisions were taken, and for whom.</summary>
    public DecisionWords Words { get; }

    /// <summary>Since when backends are up or down.</summary>
    public HealthBeginnings Healths { get; }

    /// <summary>Their spans, where they are recorded.</summary>
    public DecisionSpans Decisions { get; }

    /// <summary>What all nodes see, and one of them says.</summary>
    public SharedFacts Facts { get; }

    /// <summary>Knows what was before this start, and keeps what happens from now on.</summary>
    public void Prepare() => _file.Start();

    /// <summary>Looks at the node from now on.</summary>
    public void Start()
    {
        _sources.Start();
        foreach (Webhook webhook in _webhooks)
        {
            webhook.Start();
        }
    }

    public void Ready()
    {
        _sources.Look();
        Log.Note(new EventNote(EventKind.NodeReady, $"{_node.Name} is ready and serves {string.Join(", ", _node.Listeners.Select(l => $"{l.Key} at {l.Value}").Order(StringComparer.Ordinal))}"));
    }

    public void Leaving() => Log.Note(new EventNote(EventKind.NodeLeaving, $"{_node.Name} stops: it leaves the cluster when its clients are served"));

    public void Reloaded(ReloadCause cause, ReloadReport report)
    {
        if (ReloadWords.Of(report) is { } note)
        {
            Log.Note(note with { Who = report.Who });
        }
    }

    /// <summary>Who follows them hears of all that happened before the node's end, and it waits for none of them.</summary>
    public async ValueTask DisposeAsync()
    {
        _sources.Dispose();
        Log.Close();
        await _file.DisposeAsync();
        foreach (Webhook webhook in _webhooks)
        {
            await webhook.DisposeAsync();
        }
    }

    // What all nodes see is offered, and said by one of them.
    private IEventSource[] Sources()
    {
        var failing = new FailingSource(Log.Node, () => _node.Rings.Now(), Facts, _time);
        var slow = new SlowSource(Log.Node, () => _node.Rings.Now(), Facts, _time);
        var drift = new DriftSource(Log.Node, Fingerprints, () => _node.Revisions.Status, Facts, _time);
        return
        [
            new StorageSource(() => _node.Store.Status),
            new ListenerSource(() => _node.Listeners),
            new CertificateSource(() => _node.CertificatesInUse, () => _view.CertificateProblems, _time),
            new CircuitSource(_node.Plane),
            new LimitSource(_node.Plane),
            new DecisionSource(_node.Health.Taken, _node.Overlays.Taken),
            new RevisionSource(() => _node.Revisions.Status, Facts),
            new KeySource(_node.Plane, Facts, id => _node.Sessions.KeyAskers.Of(id)),
            new DegradedSource(() => _node.Health.Board, Facts, _time),
            failing,
            slow,
            new DrainSource(Drains, Facts, _time),
            drift,
            Facts,
            new PartitionEndSource(Log, () => _node.Control.Membership, () => _node.Health.Board),
            new UnendedSource(Log, () => _node.Control.Membership, IsPerhapsElsewhere, drift.Agrees, GoesOn),
            new MovedSessionsSource(_node.Plane, _node.MoveAskers),
        ];

        bool GoesOn(NodeEvent begun) => begun.Kind switch
        {
            EventKind.BackendFailing => failing.Fails(new BackendName(begun.Pool ?? "", begun.Backend ?? "")),
            EventKind.BackendSlow => slow.IsSlow(new BackendName(begun.Pool ?? "", begun.Backend ?? "")),
            _ => false,
        };
    }

    // With more nodes gone than are left it may be this side that is cut off, while the others serve and have still to say what they said.
    private bool IsPerhapsElsewhere(string node)
    {
        ImmutableArray<LostNode> lost = _node.Lost;
        return lost.Length > _node.Members.Count(MemberChanges.IsIn) && lost.Any(l => l.Name == node);
    }

    private ImmutableArray<(BackendName Backend, long Version, bool CanBeStopped)> Drains() =>
        [.. DrainsDocument.Of(_node.Plane, _view).Drains.Select(d => (new BackendName(d.Pool, d.Backend), d.Version, d.CanBeStopped))];

    private ImmutableArray<(string Node, uint Fingerprint)> Fingerprints() =>
        [.. _node.Members.Select(m => (m.Name, Fingerprint: _view.ConfigurationOf(m.Name))).Where(m => m.Fingerprint is not null).Select(m => (m.Name, m.Fingerprint!.Value))];
}
