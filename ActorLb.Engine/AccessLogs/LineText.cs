using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace ActorLb.Engine.AccessLogs;

/// <summary>
/// Writes values one after the other into a line's bytes. Whatever a client chose comes out as visible ASCII without
/// quotes, backslashes and line ends, so that nobody can write a line, or a field, that is not his.
/// </summary>
internal ref struct LineText(Span<byte> line, bool json)
{
    private const byte FirstVisible = (byte)'!';
    private const byte LastVisible = (byte)'~';

    /// <summary>Of one escaped byte: \u00e9.</summary>
    private const int EscapeBytesMax = 6;

    private static readonly SearchValues<byte> Plain = SearchValues.Create(PlainFrom(FirstVisible));
    private static readonly SearchValues<byte> PlainAndBlank = SearchValues.Create(PlainFrom((byte)' '));

    private readonly Span<byte> _line = line;

    public int Length { get; private set; }

    /// <summary>Bytes that are left of the line.</summary>
    public readonly int Room => _line.Length - Length;

    /// <summary>Our own text, as it is.</summary>
    public void Raw(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(_line[Length..]);
        Length += text.Length;
    }

    public void Number(long value)
    {
        Utf8Formatter.TryFormat(value, _line[Length..], out int written);
        Length += written;
    }

    /// <summary>16 digits.</summary>
    public void Hex(ulong value)
    {
        value.TryFormat(_line[Length..], out int written, "x16", CultureInfo.InvariantCulture);
        Length += written;
    }

    public void Time(long unixMilliseconds, scoped ReadOnlySpan<char> format)
    {
        DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds)
            .TryFormat(_line[Length..], out int written, format, CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>A value of somebody else.</summary>
    /// <param name="blanks">Whether blanks stay as they are: between quotes only.</param>
    /// <param name="max">Bytes that it may take here; what is cut ends with three dots.</param>
    /// <param name="empty">What stands for no value.</param>
    public void Value(scoped ReadOnlySpan<byte> value, bool blanks, int max, scoped ReadOnlySpan<byte> empty)
    {
        if (value.IsEmpty)
        {
            Raw(empty);
        }
        else if (value.Length <= max && value.IndexOfAnyExcept(blanks ? PlainAndBlank : Plain) < 0)
        {
            Raw(value);
        }
        else
        {
            Escaped(value, blanks, max);
        }
    }

    private void Escaped(scoped ReadOnlySpan<byte> value, bool blanks, int max)
    {
        int end = Length + max - EscapeBytesMax;
        foreach (byte b in value)
        {
            if (Length > end)
            {
                Raw("..."u8);
                return;
            }

            if ((blanks ? PlainAndBlank : Plain).Contains(b))
            {
                _line[Length++] = b;
            }
            else
            {
                Escape(b);
            }
        }
    }

    private void Escape(byte b)
    {
        _line[Length++] = (byte)'\\';
        if (b is (byte)'"' or (byte)'\\')
        {
            _line[Length++] = b;
            return;
        }

        // Bytes beyond ASCII are Latin-1 to JSON, and themselves to everybody else.
        Raw(json ? "u00"u8 : "x"u8);
        _line[Length++] = Digit(b >> 4);
        _line[Length++] = Digit(b & 15);
    }

    private static byte[] PlainFrom(byte first) =>
        [.. Enumerable.Range(first, LastVisible - first + 1).Select(b => (byte)b).Where(b => b is not ((byte)'"' or (byte)'\\'))];

    private static byte Digit(int value) => "0123456789abcdef"u8[value];
}
