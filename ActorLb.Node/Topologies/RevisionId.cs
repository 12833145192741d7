using System.Globalization;

namespace ActorLb.Node.Topologies;

/// <summary>
/// Which revision it is. Two sides of a partition may both give out a number: of two, the higher number is in force, then the
/// later, then the one of the node whose name is last.
/// </summary>
/// <param name="At">To the millisecond.</param>
/// <param name="Node">Who took it.</param>
public readonly record struct RevisionId(long Number, DateTimeOffset At, string Node) : IComparable<RevisionId>
{
    public int CompareTo(RevisionId other)
    {
        int order = Number.CompareTo(other.Number);
        order = order != 0 ? order : At.CompareTo(other.At);
        return order != 0 ? order : string.CompareOrdinal(Node, other.Node);
    }

    public static bool operator <(RevisionId left, RevisionId right) => left.CompareTo(right) < 0;

    public static bool operator >(RevisionId left, RevisionId right) => left.CompareTo(right) > 0;

    public static bool operator <=(RevisionId left, RevisionId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RevisionId left, RevisionId right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number} ({Node}, {At:yyyy-MM-ddTHH:mm:ssZ})");
}
