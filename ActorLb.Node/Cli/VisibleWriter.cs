using System.Globalization;
using System.Text;

namespace ActorLb.Node.Cli;

/// <summary>
/// Writes what arguments, files and other machines say so that a terminal shows it and does nothing: control characters (ECMA-48, and
/// those that turn the direction of text) are written as they would be escaped. Lines, tabs, our own colours, and going back to the
/// beginning of a line with which a text begins, stay.
/// </summary>
internal sealed class VisibleWriter(TextWriter to) : TextWriter(CultureInfo.InvariantCulture)
{
    /// <summary>The only ones that we write.</summary>
    private static readonly string[] Colours = ["\u001b[0m", "\u001b[31m", "\u001b[32m", "\u001b[33m"];

    public override Encoding Encoding => to.Encoding;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value) => to.Write(value is null ? null : Visible(value));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => to.WriteLine(value is null ? null : Visible(value));

    public override void WriteLine() => to.WriteLine();

    public override void Flush() => to.Flush();

    internal static string Visible(string text)
    {
        if (!text.Any(IsControl))
        {
            return text;
        }

        var visible = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\u001b' && Array.Find(Colours, c => string.CompareOrdinal(text, i, c, 0, c.Length) == 0) is { } colour)
            {
                visible.Append(colour);
                i += colour.Length - 1;
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

    /// <summary>The same of a text that is to be a part of one line, where nothing in it is ours: no line ends, tabs, colours, or characters without a width of their own.</summary>
    internal static string OnOneLine(string text)
    {
        if (!text.Any(c => !char.IsBetween(c, ' ', '~')))
        {
            return text;
        }

        var visible = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
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

        return visible.ToString();
    }

    private static bool IsControl(char c) => (char.IsControl(c) && c is not ('\n' or '\t')) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';
}
