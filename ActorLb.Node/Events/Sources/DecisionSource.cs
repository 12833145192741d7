using ActorLb.Node.Overlays;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>What operators decided about backends: noted by the node that took the decision, and by no other.</summary>
/// <param name="states">About their states.</param>
/// <param name="registers">About which there are, and with which weight.</param>
internal sealed class DecisionSource(DecisionsTaken<OperatorDecision> states, DecisionsTaken<RegisterChange> registers) : IEventSource
{
    public void Look(IEventSink events)
    {
        string? who;
        while (states.TryTake(out OperatorDecision? decision, out who))
        {
            events.Note(Of(decision) with { Who = who });
        }

        while (registers.TryTake(out RegisterChange? change, out who))
        {
            events.Note(Of(change) with { Who = who });
        }
    }

    private static EventNote Of(OperatorDecision decision) => decision.State switch
    {
        OperatorState.Draining => Note(
            EventKind.OperatorDrain,
            decision.Backend,
            decision.Moves is not null ? "drains: it gets no new sessions, and its sessions are moved" : "drains: it keeps its sessions and gets no new ones",
            new { version = decision.Version, deadline = decision.Deadline, moves = decision.Moves is not null }),
        OperatorState.Maintenance => Note(EventKind.OperatorMaintenance, decision.Backend, "is in maintenance: it gets nothing", new { version = decision.Version }),
        _ => Note(EventKind.OperatorReady, decision.Backend, "is ready: it takes new sessions", new { version = decision.Version }),
    };

    private static EventNote Of(RegisterChange change) => change switch
    {
        { After: { Removal: { } removal } register } => Note(
            EventKind.OperatorRemoved, change.Backend, "is removed from its pool", new { version = register.Version, deadline = removal.Deadline }),
        { After: { Address: { } address } register } when change.Before?.Address != address || change.Before.Removal is not null => Note(
            EventKind.OperatorAdded,
            change.Backend,
            $"is added to its pool, at {address.GetLeftPart(UriPartial.Authority)}",
            new { version = register.Version, address = address.GetLeftPart(UriPartial.Authority), weight = register.Weight, backup = register.IsBackup }),
        { After: { Weight: { } weight } register } => Note(EventKind.OperatorWeight, change.Backend, $"has weight {weight}", new { version = register.Version, weight }),
        { Before.Address: not null, After: null } => Note(EventKind.OperatorReset, change.Backend, "is no backend of its pool any more: it was added at run time", new { }),
        { Before: { Weight: not null, Removal: null }, After: null } => Note(EventKind.OperatorReset, change.Backend, "has the weight again that is written", new { }),
        _ => Note(EventKind.OperatorReset, change.Backend, "is as it is written again", new { }),
    };

    private static EventNote Note(EventKind kind, BackendName backend, string what, object data) =>
        new(kind, $"An operator decided: {backend} {what}") { Pool = backend.Pool, Backend = backend.Id, Data = data };
}
