using System.Collections.Immutable;

namespace ActorLb.Node.Events.Sources;

/// <summary>Which earlier event brought one about, or is over with it.</summary>
internal static class EventCauses
{
    private static readonly TimeSpan Within = TimeSpan.FromDays(1);

    private static readonly ImmutableDictionary<EventKind, EventKind[]> Before = new Dictionary<EventKind, EventKind[]>
    {
        [EventKind.BackendUp] = [EventKind.BackendDown, EventKind.BackendDegraded],
        [EventKind.BackendFailingOver] = [EventKind.BackendFailing],
        [EventKind.BackendSlowOver] = [EventKind.BackendSlow],
        [EventKind.NodeReachable] = [EventKind.NodeUnreachable],
        [EventKind.NodeRemoved] = [EventKind.NodeUnreachable, EventKind.NodeLeaving],
        [EventKind.DrainOver] = [EventKind.OperatorDrain, EventKind.OperatorRemoved],
        [EventKind.TopologyDriftOver] = [EventKind.TopologyDrift],
    }.ToImmutableDictionary();

    /// <returns>Null: there is none that is known.</returns>
    public static EventId? Of(EventNote note, IEventSink events) =>
        note.Cause ?? (Before.TryGetValue(note.Kind, out EventKind[]? before)
            ? events.Last(Within, e => before.Contains(e.Kind) && e.Pool == note.Pool && e.Backend == note.Backend && IsOfSameNode(e, note))?.Id
            : null);

    private static bool IsOfSameNode(NodeEvent one, EventNote note) =>
        note.Backend is not null || MemberChanges.NameIn(one.Text) == MemberChanges.NameIn(note.Text);
}
