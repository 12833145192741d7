using System.Globalization;
using System.Text;

namespace ActorLb.Node.Cli;

/// <summary>
/// Writes what arguments, files and other machines say so that a terminal shows it and does nothing: control characters (ECMA-48, and
/// those that turn the direction of text) are written as they would be escaped. What is written as a line is one line, whatever is in it: who writes several
/// (a file's text, JSON) writes them without <c>WriteLine</c>, and then lines and tabs stay, and going back to the beginning of a line with which a text
/// begins. The only colours are those of <see cref="TextPaint"/>.
/// </summary>
internal sealed class VisibleWriter(TextWriter to) : TextWriter(CultureInfo.InvariantCulture)
{
    public override Encoding Encoding => to.Encoding;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value) => to.Write(value is null ? null : Shown(value, isLine: false));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(StringBuilder? value) => Write(value?.ToString());

    public override void WriteLine(string? value) => to.WriteLine(value is null ? null : Shown(value, isLine: true));

    public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(buffer.ToString());

    public override void WriteLine(StringBuilder? value) => WriteLine(value?.ToString());

    public override void WriteLine() => to.WriteLine();

    public override void Flush() => to.Flush();

    /// <summary>A text of several lines that a terminal shows.</summary>
    internal static string Visible(string text) => text.Any(c => IsControl(c)) ? Escaped(text, isLine: false, painted: false) : text;

    /// <summary>The same of a text that is to be a part of one line: no line ends, tabs, or characters without a width of their own.</summary>
    internal static string OnOneLine(string text) => IsPlain(text) ? text : Escaped(text, isLine: true, painted: false);

    private static string Shown(string text, bool isLine) =>
        (isLine ? IsPlain(text) : !text.Any(c => IsControl(c))) ? text : Escaped(text, isLine, painted: true);

    private static bool IsPlain(string text) => text.All(c => char.IsBetween(c, ' ', '~'));

    private static string Escaped(string text, bool isLine, bool painted)
    {
        var visible = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (painted && TextPaint.TryRead(text, i, out string colour, out int length))
            {
                visible.Append(colour);
                i += length - 1;
            }
            else if (isLine)
            {
                // Half of a character is none.
                Rune rune = Rune.TryGetRuneAt(text, i, out Rune whole) ? whole : Rune.ReplacementChar;
                Append(visible, rune);
                i += rune.Utf16SequenceLength - 1;
            }
            else if (!IsControl(text[i]) || (text[i] == '\r' && (i == 0 || (i + 1 < text.Length && text[i + 1] == '\n'))))
            {
                visible.Append(text[i]);
            }
            else
            {
                visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            }
        }

        return visible.ToString();
    }

    private static void Append(StringBuilder visible, Rune rune)
    {
        bool shows = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
        if (shows)
        {
            visible.Append(rune);
        }
        else
        {
            visible.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
        }
    }

    private static bool IsControl(char c) => (char.IsControl(c) && c is not ('\n' or '\t')) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';
}
