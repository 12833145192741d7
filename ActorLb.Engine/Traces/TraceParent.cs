using System.Buffers.Binary;

namespace ActorLb.Engine.Traces;

/// <summary>Reads and writes traceparent (W3C Trace Context Level 2, 3.2). Pure.</summary>
internal static class TraceParent
{
    /// <summary>Of version 00: version, trace, span and flags, each after a dash.</summary>
    public const int Bytes = 55;

    private const int TraceAt = 3;
    private const int SpanAt = 36;
    private const int FlagsAt = 53;

    /// <summary>A later version may have more behind the flags, and what it calls flags means what it means here.</summary>
    private const ulong VersionInvalid = 0xff;

    /// <summary>False where it is none: then its sender is taken for one that has no trace.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out TraceContext context)
    {
        context = default;
        if (value.Length < Bytes || value[TraceAt - 1] != '-' || value[SpanAt - 1] != '-' || value[FlagsAt - 1] != '-')
        {
            return false;
        }

        ulong invalid = 0;
        ulong version = ReadHex(value[..2], ref invalid);
        ulong high = ReadHex(value.Slice(TraceAt, 16), ref invalid);
        ulong low = ReadHex(value.Slice(TraceAt + 16, 16), ref invalid);
        ulong span = ReadHex(value.Slice(SpanAt, 16), ref invalid);
        ulong flags = ReadHex(value.Slice(FlagsAt, 2), ref invalid);
        if (invalid != 0 || version == VersionInvalid || (high | low) == 0 || span == 0 || !Ends(value, version))
        {
            return false;
        }

        context = new TraceContext(high, low, span, (TraceFlags)flags & TraceFlags.Known);
        return true;
    }

    /// <summary>In version 00, which everybody reads.</summary>
    /// <param name="target">Receives <see cref="Bytes"/> bytes.</param>
    public static void Write(in TraceContext context, Span<byte> target)
    {
        "00-"u8.CopyTo(target);
        WriteHex(context.High, target[TraceAt..]);
        WriteHex(context.Low, target[(TraceAt + 16)..]);
        target[SpanAt - 1] = (byte)'-';
        WriteHex(context.Span, target[SpanAt..]);
        target[FlagsAt - 1] = (byte)'-';
        target[FlagsAt] = (byte)'0';
        target[FlagsAt + 1] = (byte)('0' + (int)context.Flags);
    }

    private static bool Ends(ReadOnlySpan<byte> value, ulong version) =>
        value.Length == Bytes || (version > 0 && value[Bytes] == '-');

    // Lower case alone: upper case is refused (3.2.2.3).
    private static ulong ReadHex(ReadOnlySpan<byte> digits, ref ulong invalid)
    {
        ulong read = 0;
        foreach (byte digit in digits)
        {
            uint value = digit - (uint)'0';
            if (value > 9)
            {
                value = digit - (uint)'a' + 10;
                invalid |= digit is >= (byte)'a' and <= (byte)'f' ? 0UL : 1UL;
            }

            read = (read << 4) | (value & 0xf);
        }

        return read;
    }

    private static void WriteHex(ulong value, Span<byte> target)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Convert.TryToHexStringLower(bytes, target, out _);
    }
}
