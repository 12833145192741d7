using System.Globalization;

namespace ActorLb.Node.Events;

/// <summary>
/// Names an event. Written, it is a <see cref="Position"/> of 16 hexadecimal digits, a dash and the node: sorted as text, events are
/// in the order of time.
/// </summary>
/// <param name="Position">In its node's log: microseconds since 1970 when it was noted, and more than that of every event of the node before.</param>
internal readonly record struct EventId(long Position, string Node) : IComparable<EventId>
{
    private const int Digits = 16;

    /// <summary>Characters of a node's name.</summary>
    public const int NodeLengthMax = 128;

    public static long PositionAt(DateTimeOffset time) => Math.Max(0, (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    public int CompareTo(EventId other) =>
        Position.CompareTo(other.Position) is var order and not 0 ? order : string.CompareOrdinal(Node, other.Node);

    public override string ToString() => $"{Written(Position)}-{Node}";

    public static bool TryParse(ReadOnlySpan<char> text, out EventId id)
    {
        id = default;
        if (text.Length is <= Digits + 1 or > Digits + 1 + NodeLengthMax || text[Digits] != '-' || !TryPosition(text[..Digits], out long position))
        {
            return false;
        }

        id = new EventId(position, text[(Digits + 1)..].ToString());
        return true;
    }

    internal static string Written(long position) => position.ToString("x16", CultureInfo.InvariantCulture);

    internal static bool TryPosition(ReadOnlySpan<char> text, out long position)
    {
        position = 0;
        return text.Length == Digits && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out position) && position >= 0;
    }
}
