using System.Runtime.InteropServices;

namespace ActorLb.Engine.Http1;

[Flags]
internal enum FieldTraits : byte
{
    None = 0,

    /// <summary>The line is "Name: value" CRLF with one space and no other whitespace around the value: it may be copied as it is.</summary>
    Plain = 1,

    /// <summary>Connection names it: it ends here (RFC 9110, 7.6.1).</summary>
    Nominated = 2,
}

/// <summary>One field line, by offsets into the parser's input. 16 bytes, so that four share a cache line.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HeaderField
{
    /// <summary>Also where the line starts: nothing stands before a name.</summary>
    public int NameStart;

    /// <summary>The value is without the whitespace around it.</summary>
    public int ValueStart;
    public int ValueLength;
    public ushort NameLength;
    public KnownField Known;
    public FieldTraits Traits;

    public readonly ReadOnlySpan<byte> Name(ReadOnlySpan<byte> bytes) => bytes.Slice(NameStart, NameLength);

    public readonly ReadOnlySpan<byte> Value(ReadOnlySpan<byte> bytes) => bytes.Slice(ValueStart, ValueLength);
}
