using System.Buffers.Text;

namespace ActorLb.Engine.Http1;

/// <summary>Appends to a caller's buffer. What does not fit is left out and remembered: look at <see cref="Fits"/> at the end.</summary>
internal ref struct HeadBuffer(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _target[..Length];

    /// <summary>Everything so far did.</summary>
    public bool Fits { get; private set; } = true;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.TryCopyTo(_target[Length..]))
        {
            Length += bytes.Length;
        }
        else
        {
            Fits = false;
        }
    }

    public void AppendDecimal(long value)
    {
        if (Utf8Formatter.TryFormat(value, _target[Length..], out int written))
        {
            Length += written;
        }
        else
        {
            Fits = false;
        }
    }

    public void AppendHex(long value)
    {
        if (Utf8Formatter.TryFormat(value, _target[Length..], out int written, 'x'))
        {
            Length += written;
        }
        else
        {
            Fits = false;
        }
    }

    /// <summary>One field line. An empty value has no space before it.</summary>
    public void AppendField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Append(name);
        Append(value.IsEmpty ? ":"u8 : ": "u8);
        Append(value);
        Append("\r\n"u8);
    }
}
