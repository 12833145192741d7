using ActorLb.Node.Dashboard;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Admin;

/// <summary>What <c>GET /api/v1/pools/{pool}/backends/{id}</c> answers: one backend, as all nodes see it.</summary>
/// <param name="Backend">As in status.</param>
/// <param name="Drain">As in drains; null where it does not drain.</param>
/// <param name="Nodes">What each node that answered has of it.</param>
internal sealed record BackendViewDocument(
    string Node, DateTimeOffset Time, string Pool, StatusDocument.Backend Backend, DrainsDocument.Drain? Drain, IReadOnlyList<BackendViewDocument.AtNode> Nodes)
{
    /// <summary>Of requests that it was the last to be asked for, at the answering node since its start: how many ended for which reason, most first.</summary>
    public IReadOnlyList<Failed> Failures { get; init; } = [];

    /// <summary>The last requests that failed there, at all nodes, the latest first; at each node ten a second at most.</summary>
    public IReadOnlyList<FailedRequest> LastFailures { get; init; } = [];

    /// <param name="Reason">As clients are told in X-ActorLb-Reason.</param>
    public sealed record Failed(string Reason, long Count);

    /// <param name="RequestId">The X-Request-Id that the backend and the client have.</param>
    /// <param name="Reason">As clients are told in X-ActorLb-Reason; null: the backend answered with the status.</param>
    /// <param name="Status">Of the backend's answer; null: there was none.</param>
    public sealed record FailedRequest(DateTimeOffset At, string Node, string RequestId, string? Reason, int? Status)
    {
        public static IReadOnlyList<FailedRequest> Of(GatheredFailures gathered) =>
        [
            .. gathered.Nodes
                .SelectMany(n => n.Last.Select(f => new FailedRequest(f.At, n.Node, f.RequestId, f.Reason.Length == 0 ? null : f.Reason, f.Status == 0 ? null : f.Status)))
                .OrderByDescending(f => f.At)
                .Take(FailureNotes.Kept),
        ];
    }

    /// <param name="RecentRequests">In the last ten seconds; so are failures and latencies.</param>
    /// <param name="Waiting">In its queue; <paramref name="Held"/>: until the verdict.</param>
    /// <param name="Circuit">Why it is open; null: it is closed.</param>
    public sealed record AtNode(
        string Node, long RecentRequests, long RecentFailures, double? P50, double? P95, double? P99, int Waiting, int Held, string? Circuit, bool Ejects, DateTimeOffset? CircuitSince)
    {
        public static AtNode Of(FiguresAtNode figures, BackendName backend)
        {
            FigureReading? reading = figures.Figures.FirstOrDefault(f => f.Subject == FigureSubject.Of(backend));
            StrainedBackend? strained = figures.Strained.FirstOrDefault(s => s.Backend == backend);
            return new AtNode(
                figures.Node,
                reading?.RecentRequests ?? 0,
                reading?.RecentFailures ?? 0,
                Quantile(reading, 0.5),
                Quantile(reading, 0.95),
                Quantile(reading, 0.99),
                strained?.Waiting ?? 0,
                strained?.Held ?? 0,
                strained is { Circuit.Length: > 0 } ? strained.Circuit : null,
                strained?.Ejects ?? false,
                strained is { Circuit.Length: > 0 } ? strained.Since : null);
        }

        private static double? Quantile(FigureReading? reading, double share) =>
            reading?.Quantile(share) is { } ms && !double.IsNaN(ms) ? Math.Round(ms, 2) : null;
    }
}
