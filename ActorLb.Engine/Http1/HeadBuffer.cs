using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace ActorLb.Engine.Http1;

/// <summary>Appends to a caller's buffer. What does not fit is left out and remembered: look at <see cref="Fits"/> at the end.</summary>
internal ref struct HeadBuffer(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _target[..Length];

    /// <summary>Everything so far did.</summary>
    public bool Fits { get; private set; } = true;

    /// <summary>Where the next byte goes: for those who write themselves and then <see cref="Advance"/>.</summary>
    public readonly Span<byte> Rest => _target[Length..];

    public void Advance(int written) => Length += written;

    /// <summary>Forgets what was written after this length.</summary>
    public void Rewind(int length) => Length = length;

    // Inlined, so that constant pieces are copied by a few moves instead of a call.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(scoped ReadOnlySpan<byte> bytes)
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

    /// <summary>One field line.</summary>
    /// <param name="name">With colon and space.</param>
    /// <param name="value">Not empty.</param>
    public void AppendLine(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        Append(name);
        Append(value);
        Append("\r\n"u8);
    }

    /// <summary>One field line. An empty value has no space before it.</summary>
    public void AppendField(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        Append(name);
        Append(value.IsEmpty ? ":"u8 : ": "u8);
        Append(value);
        Append("\r\n"u8);
    }
}
