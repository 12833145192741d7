using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ActorLb.Shared.Sessions;

/// <summary>16 bytes that name a session, in clear in its tickets; to be that client takes a ticket, whose tag they do not give.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SessionId(ulong High, ulong Low) : IComparable<SessionId>
{
    public const int Bytes = 16;

    /// <summary>It began where a route chose among several pools. Kept for as long as the session is: through moves, fresh tickets and other nodes.</summary>
    public bool IsOfSplit => (Low & 1) != 0;

    /// <summary>The same with <see cref="IsOfSplit"/> as said.</summary>
    public SessionId Of(bool split) => new(High, split ? Low | 1 : Low & ~1UL);

    public static SessionId Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[8..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    public int CompareTo(SessionId other)
    {
        int high = High.CompareTo(other.High);
        return high != 0 ? high : Low.CompareTo(other.Low);
    }

    /// <summary>32 lower-case hexadecimal digits, as the admin API shows it.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out SessionId id)
    {
        id = default;
        if (text is not { Length: 32 }
            || !ulong.TryParse(text.AsSpan(0, 16), System.Globalization.NumberStyles.AllowHexSpecifier, null, out ulong high)
            || !ulong.TryParse(text.AsSpan(16), System.Globalization.NumberStyles.AllowHexSpecifier, null, out ulong low))
        {
            return false;
        }

        id = new SessionId(high, low);
        return true;
    }

    public static bool operator <(SessionId left, SessionId right) => left.CompareTo(right) < 0;

    public static bool operator <=(SessionId left, SessionId right) => left.CompareTo(right) <= 0;

    public static bool operator >(SessionId left, SessionId right) => left.CompareTo(right) > 0;

    public static bool operator >=(SessionId left, SessionId right) => left.CompareTo(right) >= 0;
}
