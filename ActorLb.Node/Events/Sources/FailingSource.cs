using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Node.Dashboard;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events.Sources;

/// <summary>A part of what this node asks of a backend fails, while its probes may well pass.</summary>
/// <param name="node">This one.</param>
/// <param name="figures">What happens at this node.</param>
internal sealed class FailingSource(string node, Func<ImmutableArray<FigureReading>> figures, SharedFacts facts, TimeProvider time) : IEventSource
{
    private readonly LastingFact _failing = new(time);

    /// <summary>At the last look a part of what this node asks of it failed, told already or not.</summary>
    public bool Fails(BackendName backend) => _failing.Has(backend);

    public void Look(IEventSink events) => _failing.Look(
        figures().Where(f => f.Subject.Kind == SubjectKind.Backend).Select(f => (Backend: new BackendName(f.Subject.Name, f.Subject.Id), Reading: f))
            .Where(f => f.Reading.Fails(_failing.IsTold(f.Backend))).ToDictionary(f => f.Backend, f => f.Reading),
        (backend, reading) => facts.Offer(EventNote.Of(EventKind.BackendFailing, backend, string.Create(
            CultureInfo.InvariantCulture,
            $"fails: {reading.RecentFailures} of the {reading.RecentRequests} requests that {node} asked of it in the last ten seconds{FailureCount.Listed(reading.OwnReasons)}"),
            new
            {
                requests = reading.RecentRequests,
                failures = reading.RecentFailures,
                reasons = reading.OwnReasons.ToDictionary(r => r.Label, r => r.Count),
            })),
        backend => facts.Offer(EventNote.Of(EventKind.BackendFailingOver, backend, "fails no more than one would mind")));
}
