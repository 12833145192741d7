using System.Collections.Immutable;
using ActorLb.Node.Overlays;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>What operators decided about backends: noted by the node that took the decision, and by no other.</summary>
/// <param name="decisions">About their states.</param>
/// <param name="registers">About which there are, and with which weight.</param>
/// <param name="askers">Who asked for a decision about a state.</param>
/// <param name="registerAskers">Who asked for another one.</param>
internal sealed class DecisionSource(
    Func<ImmutableDictionary<BackendName, OperatorDecision>> decisions,
    Func<BackendRegisters> registers,
    Askers<(BackendName Backend, long Version)> askers,
    Askers<(BackendName Backend, long Version)> registerAskers) : IEventSource
{
    private ImmutableDictionary<BackendName, OperatorDecision>? _decisions;
    private BackendRegisters? _registers;

    public void Look(IEventSink events)
    {
        LookAtDecisions(events, decisions());
        LookAtRegisters(events, registers());
    }

    // What was decided before the start is no news.
    private void LookAtDecisions(IEventSink events, ImmutableDictionary<BackendName, OperatorDecision> now)
    {
        ImmutableDictionary<BackendName, OperatorDecision>? before = _decisions;
        _decisions = now;
        if (before is null || ReferenceEquals(before, now))
        {
            return;
        }

        foreach (OperatorDecision decision in now.Values.Where(d => d.Node == events.Node && d.GoneSince is null))
        {
            if (!before.TryGetValue(decision.Backend, out OperatorDecision? known) || known.Version < decision.Version)
            {
                events.Note(Of(decision) with { Who = askers.Of((decision.Backend, decision.Version)) });
            }
        }
    }

    private void LookAtRegisters(IEventSink events, BackendRegisters now)
    {
        BackendRegisters? before = _registers;
        _registers = now;
        if (before is null || ReferenceEquals(before, now))
        {
            return;
        }

        foreach (BackendRegister register in now.ByBackend.Values.Where(r => r.Node == events.Node))
        {
            BackendRegister? known = before.ByBackend.GetValueOrDefault(register.Backend);
            if (known is null || known.Version < register.Version)
            {
                events.Note(Of(register, known) with { Who = registerAskers.Of((register.Backend, register.Version)) });
            }
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

    private static EventNote Of(BackendRegister register, BackendRegister? known) => register switch
    {
        { Removal: { } removal } => Note(
            EventKind.OperatorRemoved, register.Backend, "is removed from its pool", new { version = register.Version, deadline = removal.Deadline }),
        { Address: { } address } when known?.Address != address || known.Removal is not null => Note(
            EventKind.OperatorAdded,
            register.Backend,
            $"is added to its pool, at {address.GetLeftPart(UriPartial.Authority)}",
            new { version = register.Version, address = address.GetLeftPart(UriPartial.Authority), weight = register.Weight, backup = register.IsBackup }),
        { Weight: { } weight } => Note(EventKind.OperatorWeight, register.Backend, $"has weight {weight}", new { version = register.Version, weight }),
        _ => Note(EventKind.OperatorReset, register.Backend, "is as it is written again", new { version = register.Version }),
    };

    private static EventNote Note(EventKind kind, BackendName backend, string what, object data) =>
        new(kind, $"An operator decided: {backend} {what}") { Pool = backend.Pool, Backend = backend.Id, Data = data };
}
