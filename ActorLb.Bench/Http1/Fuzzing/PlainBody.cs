using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>Lengths and chunks once more, slowly and from the grammar.</summary>
internal static partial class PlainBody
{
    private static readonly char[] Whitespace = [' ', '\t'];

    /// <summary>What a head states of its body: null where that is ambiguous or nonsense.</summary>
    /// <param name="sameTwice">The same length may be there more than once.</param>
    public static (BodyFraming Framing, long Length)? Stated(PlainHead head, bool isHttp10, bool sameTwice)
    {
        IReadOnlyList<string> codings = head.Values("transfer-encoding");
        IReadOnlyList<string> lengths = head.Values("content-length");
        if (codings.Count > 0)
        {
            return !isHttp10 && lengths.Count == 0 && codings is [var only] && only.Equals("chunked", StringComparison.OrdinalIgnoreCase)
                ? (BodyFraming.Chunked, 0)
                : null;
        }

        if (lengths.Count == 0)
        {
            return (BodyFraming.None, 0);
        }

        long?[] numbers = [.. lengths.Select(Number).Distinct()];
        return numbers is [{ } number] && (sameTwice || lengths.Count == 1) ? (BodyFraming.Length, number) : null;
    }

    /// <summary>Decodes a whole body: null where the text does not begin with one. Overhead is not looked at.</summary>
    public static (string Data, IReadOnlyList<(string Name, string Value)> Trailers, int Length)? Decode(string text, MessageLimits limits)
    {
        var data = new StringBuilder();
        int at = 0;
        while (true)
        {
            Match line = SizeLine().Match(text, at);
            if (!line.Success || line.Length > limits.ChunkLineBytesMax || line.Groups[1].Length > 16
                || ulong.Parse(line.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var size && size > long.MaxValue)
            {
                return null;
            }

            at += line.Length;
            if (size == 0)
            {
                break;
            }

            if (size > (ulong)(text.Length - at) || string.CompareOrdinal(text, at + (int)size, "\r\n", 0, 2) != 0)
            {
                return null;
            }

            data.Append(text, at, (int)size);
            at += (int)size + 2;
        }

        Match end = Trailers().Match(text, at);
        CaptureCollection names = end.Groups["name"].Captures;
        return !end.Success || end.Length > limits.FieldBytesMax || names.Count > limits.FieldCountMax
            || names.Any(n => n.Value.ToLowerInvariant() is "host" or "content-length" or "transfer-encoding")
                ? null
                : (data.ToString(), [.. names.Zip(end.Groups["value"].Captures, (n, v) => (n.Value, v.Value.Trim(Whitespace)))], at + end.Length);
    }

    /// <summary>The data of a body that has not come to its end, or never comes to one: of all chunks and the beginning of another.</summary>
    public static string DecodeBeginning(string text, MessageLimits limits)
    {
        var data = new StringBuilder();
        int at = 0;
        while (SizeLine().Match(text, at) is { Success: true } line && line.Length <= limits.ChunkLineBytesMax && line.Groups[1].Length <= 16)
        {
            at += line.Length;
            ulong size = ulong.Parse(line.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            int length = (int)Math.Min(size, (ulong)(text.Length - at));
            data.Append(text, at, length);
            at += length;
            if (size == 0 || string.CompareOrdinal(text, at, "\r\n", 0, 2) != 0)
            {
                break;
            }

            at += 2;
        }

        return data.ToString();
    }

    private static long? Number(string value) =>
        value.Length is > 0 and <= 19 && value.All(char.IsAsciiDigit) && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : null;

    [GeneratedRegex("""\G([0-9A-Fa-f]+)(?:[ \t]*;[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[ \t]*=[ \t]*(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"))?)*\r\n""")]
    private static partial Regex SizeLine();

    [GeneratedRegex("""\G(?:(?<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+):(?<value>[\t\x20-\x7e\x80-\xff]*)\r\n)*\r\n""")]
    private static partial Regex Trailers();
}
