using System.Globalization;
using System.Text;

namespace ActorLb.Node.Configuration.Hocon;

/// <summary>Steps through a text and always knows its line and column.</summary>
internal sealed class HoconScanner(string file, string text)
{
    private const string NeedQuotes = "$\"{}[]:=,+#`^?!@*&\\";

    private int _at = text.StartsWith('\uFEFF') ? 1 : 0;
    private int _line = 1;
    private int _lineStart;

    public bool AtEnd => _at >= text.Length;

    /// <summary>The next character; NUL at the end.</summary>
    public char Next => AtEnd ? '\0' : text[_at];

    public HoconOrigin Here => new(file, _line, _at - _lineStart + 1);

    public bool AtComment => Next == '#' || Looks("//");

    /// <summary>A blank within a line; the line's end is none.</summary>
    public bool AtBlank => Next != '\n' && char.IsWhiteSpace(Next);

    public bool Looks(string expected) => string.CompareOrdinal(text, _at, expected, 0, expected.Length) == 0;

    public char Step()
    {
        char taken = text[_at++];
        if (taken == '\n')
        {
            _line++;
            _lineStart = _at;
        }

        return taken;
    }

    public bool Take(char expected)
    {
        if (AtEnd || Next != expected)
        {
            return false;
        }

        Step();
        return true;
    }

    /// <summary>Skips blanks up to the end of the line and gives them.</summary>
    public string Blanks()
    {
        int start = _at;
        while (AtBlank)
        {
            Step();
        }

        return text[start.._at];
    }

    /// <summary>Skips blanks, comments and line ends; true where a line ended.</summary>
    public bool SkipToToken()
    {
        int line = _line;
        while (!AtEnd && (char.IsWhiteSpace(Next) || AtComment))
        {
            if (AtComment)
            {
                while (!AtEnd && Next != '\n')
                {
                    Step();
                }
            }
            else
            {
                Step();
            }
        }

        return _line != line;
    }

    /// <summary>Characters that stand for themselves without quotes; empty where the next one does not.</summary>
    /// <param name="alsoEndedBy">One more character that ends it: a dot within keys.</param>
    public string Unquoted(char alsoEndedBy = '\0')
    {
        int start = _at;
        while (!AtEnd && !char.IsWhiteSpace(Next) && !AtComment && Next != alsoEndedBy && !NeedQuotes.Contains(Next))
        {
            Step();
        }

        return text[start.._at];
    }

    /// <summary>Text in quotes, on one line with JSON's escapes, or in three quotes just as it is.</summary>
    public string Quoted()
    {
        HoconOrigin opened = Here;
        if (Looks("\"\"\""))
        {
            return TripleQuoted(opened);
        }

        Step();
        var content = new StringBuilder();
        while (!Take('"'))
        {
            if (AtEnd || Next == '\n')
            {
                throw new HoconSyntaxException(opened, "the quote that opens here is not closed on its line", "a closing \"");
            }

            char taken = Step();
            content.Append(taken == '\\' ? Escaped() : taken);
        }

        return content.ToString();
    }

    private string TripleQuoted(HoconOrigin opened)
    {
        int start = _at + 3;
        int end = text.IndexOf("\"\"\"", start, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new HoconSyntaxException(opened, "the three quotes that open here are never closed", "a closing \"\"\"");
        }

        // Of more than three closing quotes the last three close, the others are text.
        while (end + 3 < text.Length && text[end + 3] == '"')
        {
            end++;
        }

        while (_at < end + 3)
        {
            Step();
        }

        return text[start..end];
    }

    private char Escaped()
    {
        HoconOrigin at = Here;
        char escaped = AtEnd ? '\0' : Step();
        if (escaped == 'u'
            && _at + 4 <= text.Length
            && ushort.TryParse(text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            _at += 4;
            return (char)code;
        }

        return escaped switch
        {
            '"' or '\\' or '/' => escaped,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => throw new HoconSyntaxException(
                at, "an unknown escape after \\", "\\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u with four hexadecimal digits"),
        };
    }
}
