using System.Text.Json;
using ActorLb.Node.Overlays;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>When decisions that hold were taken, and who asked for them: their events say it, and they do not. Any thread.</summary>
internal sealed class DecisionWords(EventLog log)
{
    private readonly Lock _lock = new();
    private readonly LastWords _words = new(log, SubjectOf);

    /// <returns>Null: the log does not reach back to it.</returns>
    public DecisionTaken? Of(OperatorDecision decision) =>
        Of("state", decision.Backend.ToString(), e => e.Id.Node == decision.Node && VersionOf(e) == decision.Version)
        ?? Of("register", decision.Backend.ToString(), e => e.Kind == EventKind.OperatorRemoved && e.Id.Node == decision.Node);

    /// <inheritdoc cref="Of(OperatorDecision)"/>
    public DecisionTaken? Of(OverlayReport overlay) =>
        Of("register", overlay.Backend.ToString(), e => e.Id.Node == overlay.Node && VersionOf(e) == overlay.Version);

    private DecisionTaken? Of(string about, string backend, Func<NodeEvent, bool> isIt)
    {
        lock (_lock)
        {
            return _words.On($"{about} {backend}") is { } word && isIt(word) ? new DecisionTaken(word.At, word.Who) : null;
        }
    }

    private static string? SubjectOf(NodeEvent one) => one.Kind switch
    {
        EventKind.OperatorDrain or EventKind.OperatorMaintenance or EventKind.OperatorReady => $"state {one.Pool}/{one.Backend}",
        EventKind.OperatorAdded or EventKind.OperatorWeight or EventKind.OperatorRemoved or EventKind.OperatorReset => $"register {one.Pool}/{one.Backend}",
        _ => null,
    };

    private static long? VersionOf(NodeEvent one) =>
        JsonElement.Parse(one.Data).TryGetProperty("version", out JsonElement version) && version.ValueKind == JsonValueKind.Number && version.TryGetInt64(out long number) ? number : null;
}
