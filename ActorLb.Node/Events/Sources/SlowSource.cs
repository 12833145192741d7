using System.Collections.Immutable;
using ActorLb.Node.Dashboard;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events.Sources;

/// <summary>Answers of a backend to this node begin much later than those of the others of its pool, while its probes may well pass.</summary>
/// <param name="node">This one.</param>
/// <param name="figures">What happens at this node.</param>
internal sealed class SlowSource(string node, Func<ImmutableArray<FigureReading>> figures, SharedFacts facts, TimeProvider time) : IEventSource
{
    private readonly LastingFact _slow = new(time);

    /// <summary>At the last look it was slow for this node, told already or not.</summary>
    public bool IsSlow(BackendName backend) => _slow.Has(backend);

    public void Look(IEventSink events) => _slow.Look(
        figures().Where(f => f.Subject.Kind == SubjectKind.Backend).GroupBy(f => f.Subject.Name, StringComparer.Ordinal)
            .SelectMany(p => SlowBackend.Of([.. p], b => _slow.IsTold(NameOf(b)))).ToDictionary(s => NameOf(s.Subject)),
        (backend, slow) => facts.Offer(EventNote.Of(
            EventKind.BackendSlow,
            backend,
            $"is slow: half of the answers that {node} got in the last ten seconds began after {SlowBackend.Said(slow.Milliseconds)}, at the other backends of {backend.Pool} after {SlowBackend.Said(slow.Others)}",
            new { milliseconds = Math.Round(slow.Milliseconds, 2), others = Math.Round(slow.Others, 2) })),
        backend => facts.Offer(EventNote.Of(EventKind.BackendSlowOver, backend, "is not much slower than the others any more")));

    private static BackendName NameOf(FigureSubject backend) => new(backend.Name, backend.Id);
}
