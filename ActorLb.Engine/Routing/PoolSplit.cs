using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Routing;

/// <summary>The pools among which a route shares its new sessions out, by weight. Immutable but for whose turn it is.</summary>
internal sealed class PoolSplit
{
    private readonly int[] _places;
    private readonly bool[] _takes;
    private readonly Rotation _turns;
    private readonly RotationCursor _cursor = new((uint)Environment.ProcessId);

    /// <param name="places">By the pools' names, in the snapshot.</param>
    public PoolSplit(EquatableArray<PoolShare> shares, IReadOnlyDictionary<string, int> places)
    {
        _places = [.. shares.Select(s => places[s.Pool])];
        _takes = [.. shares.Select(s => s.Weight > 0)];
        _turns = Rotation.Of([.. shares.Select(s => s.Weight)]);
    }

    /// <summary>Places of its pools in the snapshot, as they are written.</summary>
    public ReadOnlySpan<int> Places => _places;

    /// <summary>Whose turn it is, as an index into <see cref="Places"/>.</summary>
    public int Next() => _turns.Next(_cursor);

    /// <summary>Whether one of them, by that index, gets new sessions at all.</summary>
    public bool Takes(int index) => _takes[index];
}
