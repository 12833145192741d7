using System.Runtime.CompilerServices;

namespace ActorLb.Engine.Http1;

/// <summary>Which known fields a message has, and where: gathered while its field lines are read.</summary>
internal struct FieldSummary
{
    private LastPlaces _last;

    /// <summary>Field lines.</summary>
    public int Count { get; set; }

    public KnownFieldSet Seen { get; set; }

    /// <summary>Those that are there more than once.</summary>
    public KnownFieldSet Repeated { get; set; }

    public readonly bool Has(KnownField field) => Seen.Contains(field);

    /// <summary>Where the field is, the last one if it is repeated; meaningless if it is not there.</summary>
    public readonly int LastOf(KnownField field) => _last[(int)field];

    // The mask spares the bounds check.
    internal void Note(KnownField field, int place) => _last[(int)field & 31] = (ushort)place;

    [InlineArray(32)]
    private struct LastPlaces
    {
        private ushort _first;
    }
}
