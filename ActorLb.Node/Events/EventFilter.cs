using System.Collections.Immutable;

namespace ActorLb.Node.Events;

/// <summary>Which events somebody wants. Immutable.</summary>
/// <param name="Pool">Null: of all, and those of none.</param>
/// <param name="Kinds">Empty: all.</param>
/// <param name="Since">Null: however old.</param>
internal sealed record EventFilter(string? Pool, ImmutableArray<EventKind> Kinds, DateTimeOffset? Since)
{
    public static readonly EventFilter All = new(null, [], null);

    public bool Wants(NodeEvent one) =>
        (Pool is null || one.Pool == Pool)
        && (Kinds.IsEmpty || Kinds.Contains(one.Kind))
        && (Since is not { } since || one.At >= since);

    /// <summary>Kinds as they are written: names with commas between, and a name up to its dot for all that begin so.</summary>
    /// <param name="unknown">What there is not; null where all was read.</param>
    public static ImmutableArray<EventKind> KindsOf(string text, out string? unknown)
    {
        unknown = null;
        var kinds = ImmutableArray.CreateBuilder<EventKind>();
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int before = kinds.Count;
            kinds.AddRange(EventKinds.All.Where(r => r.Name == name || r.Name.StartsWith($"{name}.", StringComparison.Ordinal)).Select(r => r.Kind));
            if (kinds.Count == before)
            {
                unknown = name;
            }
        }

        return kinds.ToImmutable();
    }
}
