using System.Globalization;
using System.Text;

namespace ActorLb.Bench.Http1.Corpus;

/// <summary>
/// Bytes as the corpora write them: ASCII, with \r \n \t \0 \xHH \\ for what cannot be seen, and &lt;&lt;text*N&gt;&gt;
/// for N times the same.
/// </summary>
internal static class CorpusText
{
    /// <exception cref="FormatException">An escape or a repetition is none.</exception>
    public static byte[] ToBytes(string text)
    {
        var bytes = new List<byte>(text.Length);
        int at = 0;
        while (at < text.Length)
        {
            at = text[at] switch
            {
                '\\' => Unescape(text, at + 1, bytes),
                '<' when text.AsSpan(at).StartsWith("<<", StringComparison.Ordinal) => Repeat(text, at + 2, bytes),
                _ => Plain(text, at, bytes),
            };
        }

        return [.. bytes];
    }

    /// <summary>The other way, for messages of failed tests.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (byte b in bytes)
        {
            _ = b switch
            {
                (byte)'\r' => text.Append(@"\r"),
                (byte)'\n' => text.Append(@"\n"),
                (byte)'\t' => text.Append(@"\t"),
                0 => text.Append(@"\0"),
                (byte)'\\' => text.Append(@"\\"),
                >= (byte)' ' and <= (byte)'~' => text.Append((char)b),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}"),
            };
        }

        return text.ToString();
    }

    private static int Plain(string text, int at, List<byte> bytes)
    {
        bytes.Add(char.IsAscii(text[at]) ? (byte)text[at] : throw new FormatException($"not ASCII: {text[at]} in {text}"));
        return at + 1;
    }

    private static int Unescape(string text, int at, List<byte> bytes)
    {
        if (text[at] == 'x')
        {
            bytes.Add(byte.Parse(text.AsSpan(at + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            return at + 3;
        }

        bytes.Add(text[at] switch
        {
            'r' => (byte)'\r',
            'n' => (byte)'\n',
            't' => (byte)'\t',
            '0' => 0,
            '\\' => (byte)'\\',
            var other => throw new FormatException($"no escape: \\{other} in {text}"),
        });
        return at + 1;
    }

    private static int Repeat(string text, int at, List<byte> bytes)
    {
        int end = text.IndexOf(">>", at, StringComparison.Ordinal);
        int star = text.LastIndexOf('*', end);
        byte[] piece = ToBytes(text[at..star]);
        for (int i = int.Parse(text.AsSpan(star + 1, end - star - 1), CultureInfo.InvariantCulture); i > 0; i--)
        {
            bytes.AddRange(piece);
        }

        return end + 2;
    }
}
