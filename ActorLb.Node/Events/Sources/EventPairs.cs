using System.Text.Json;

namespace ActorLb.Node.Events.Sources;

/// <summary>
/// What begins with one event and ends with another that the same node says, because it alone sees it: where that node dies in between, or starts anew, nobody
/// ends it. Pure.
/// </summary>
internal static class EventPairs
{
    /// <summary>Of what an event says that it begins or is over; null: of nothing of the kind.</summary>
    public static string? SubjectOf(NodeEvent one) => one.Kind switch
    {
        EventKind.CircuitOpened or EventKind.CircuitClosed => $"circuit {SaidFor(one)} {one.Pool}/{one.Backend}",
        EventKind.LimitReached or EventKind.LimitOver => $"limit {SaidFor(one)} {Word(one, "limit")} {Word(one, "of")}",
        EventKind.StorageFailing or EventKind.StorageRecovered => $"storage {SaidFor(one)}",
        EventKind.BackendFailing or EventKind.BackendFailingOver => $"failing {one.Pool}/{one.Backend}",
        EventKind.BackendSlow or EventKind.BackendSlowOver => $"slow {one.Pool}/{one.Backend}",
        EventKind.TopologyDrift or EventKind.TopologyDriftOver => $"drift {MemberChanges.NameIn(one.Text)}",
        _ => null,
    };

    public static bool Begins(NodeEvent one) => EndOf(one.Kind) is not null;

    /// <summary>That it is over, in place of who would say it.</summary>
    /// <param name="why">Who cannot, and why.</param>
    public static EventNote Over(NodeEvent begun, string why) =>
        new(EndOf(begun.Kind) ?? throw new ArgumentException($"{begun.Kind} begins nothing"), Text(begun, why))
        {
            Severity = EventSeverity.Info,
            Pool = begun.Pool,
            Backend = begun.Backend,
            Data = JsonElement.Parse(begun.Data),
            Cause = begun.Id,
        };

    private static EventKind? EndOf(EventKind kind) => kind switch
    {
        EventKind.CircuitOpened => EventKind.CircuitClosed,
        EventKind.LimitReached => EventKind.LimitOver,
        EventKind.StorageFailing => EventKind.StorageRecovered,
        EventKind.BackendFailing => EventKind.BackendFailingOver,
        EventKind.BackendSlow => EventKind.BackendSlowOver,
        EventKind.TopologyDrift => EventKind.TopologyDriftOver,
        _ => null,
    };

    // What is so now stands first: the beginning, read alone, says that it goes on. What is said of a node's configuration begins with its name.
    private static string Text(NodeEvent begun, string why) => begun.Kind == EventKind.TopologyDrift
        ? $"{MemberChanges.NameIn(begun.Text)} goes by no other configuration any more: {why}"
        : $"{why}: {begun.Text}";

    // An end in place of another node names what that one said.
    private static string SaidFor(NodeEvent one) => !Begins(one) && one.Cause is { } begun ? begun.Node : one.Id.Node;

    private static string Word(NodeEvent one, string name)
    {
        JsonElement data = JsonElement.Parse(one.Data);
        return data.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }
}
