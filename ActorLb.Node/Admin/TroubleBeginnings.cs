using System.Text.Json;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;

namespace ActorLb.Node.Admin;

/// <summary>
/// When troubles began by the log of events, which is the same at all nodes and outlives their starts: the last beginning of the same subject that nothing has ended. Not for two
/// threads at once.
/// </summary>
internal sealed class TroubleBeginnings(EventLog log)
{
    private readonly LastWords _pairs = LastWords.OnPairs(log);
    private readonly LastWords _backends = LastWords.OnBackends(log);
    private readonly LastWords _members = LastWords.OnMembers(log);
    private readonly LastWords _decisions = new(log, e => e.Kind is EventKind.OperatorDrain or EventKind.OperatorRemoved or EventKind.OperatorMaintenance
        or EventKind.OperatorReady or EventKind.OperatorAdded or EventKind.OperatorReset ? NameOf(e) : null);

    // Which the node says anew at each start.
    private readonly LastWords _refusals = new(log, e => e.Kind == EventKind.TopologyRefused && RevisionOf(e) is { } number ? $"revision:{e.Id.Node}:{number}" : null);

    /// <param name="node">Who tells of it.</param>
    /// <returns>Null: no event says so.</returns>
    public DateTimeOffset? Of(Trouble trouble, string node)
    {
        string name = $"{trouble.Pool}/{trouble.Backend}";
        return trouble.Key.Split(':')[0] switch
        {
            "failing" when trouble.Backend is not null => Told(_pairs.On($"failing {name}"), EventKind.BackendFailing),
            "failing" or "failing-of" => First(EventKind.BackendFailing, trouble.Pool) ?? FirstOfQueues(trouble.Pool, backend: null),
            "slow" => Told(_pairs.On($"slow {name}"), EventKind.BackendSlow),
            "slow-of" => First(EventKind.BackendSlow, trouble.Pool),

            // Who differs from one is for that one to say of himself where it is he whom the others mean.
            "differs" => Told(_pairs.On($"drift {trouble.Node}"), EventKind.TopologyDrift) ?? Told(_pairs.On($"drift {node}"), EventKind.TopologyDrift),
            "dissent" => Told(_backends.On(name), EventKind.BackendDegraded),
            "unreachable" when trouble.Node is { } other => At(_members.On(other), EventKind.NodeUnreachable),
            "queue" => FirstOfQueues(trouble.Pool, trouble.Backend),

            "revision" => At(_refusals.On(trouble.Key), EventKind.TopologyRefused),
            "drain" => At(_decisions.On(name), EventKind.OperatorDrain) ?? At(_decisions.On(name), EventKind.OperatorRemoved),
            "maintenance" => At(_decisions.On(name), EventKind.OperatorMaintenance),
            _ => null,
        };
    }

    private static long? RevisionOf(NodeEvent one) =>
        JsonElement.Parse(one.Data).TryGetProperty("revision", out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;

    private static string NameOf(NodeEvent one) => $"{one.Pool}/{one.Backend}";

    private static DateTimeOffset? At(NodeEvent? word, EventKind kind) => word?.Kind == kind ? word.At : null;

    // What has to last before it is told began so long before.
    private static DateTimeOffset? Told(NodeEvent? word, EventKind kind) => At(word, kind) - LastingFact.ToldAfter;

    private DateTimeOffset? First(EventKind kind, string? pool) => _pairs.All().Where(e => e.Kind == kind && e.Pool == pool).Select(e => Told(e, kind)).Min();

    /// <param name="backend">Null: of any.</param>
    private DateTimeOffset? FirstOfQueues(string? pool, string? backend) => _pairs.All()
        .Where(e => e.Kind == EventKind.LimitReached && e.Pool == pool && (backend ?? e.Backend) == e.Backend && EventPairs.SubjectOf(e)?.Contains(" queue ", StringComparison.Ordinal) == true).Select(e => (DateTimeOffset?)e.At).Min();
}
