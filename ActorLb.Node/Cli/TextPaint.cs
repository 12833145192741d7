using System.Security.Cryptography;

namespace ActorLb.Node.Cli;

/// <summary>
/// Colours in texts for a <see cref="VisibleWriter"/>, which alone makes those of the terminal of them. Nobody outside of this process can write one: they
/// begin with what was drawn by lot at its start.
/// </summary>
internal static class TextPaint
{
    private static readonly string Mark = $"\u001b{RandomNumberGenerator.GetHexString(16)}";

    private static readonly int MarkLength = Mark.Length + 1;

    /// <param name="inColour">Else the text is as it was.</param>
    public static string Paint(string text, TextColour colour, bool inColour) =>
        inColour && colour != TextColour.None && text.Length > 0 ? $"{Of(colour)}{text}{Of(TextColour.None)}" : text;

    /// <summary>Characters of it that take room.</summary>
    public static int LengthOf(string text)
    {
        int length = text.Length;
        for (int at = text.IndexOf(Mark, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Mark, at + 1, StringComparison.Ordinal))
        {
            length -= MarkLength;
        }

        return length;
    }

    /// <summary>Whether a colour begins, or ends, at this place of a text.</summary>
    /// <param name="code">What a terminal is told (ECMA-48, 8.3.117).</param>
    /// <param name="length">Of it in the text.</param>
    public static bool TryRead(string text, int at, out string code, out int length)
    {
        length = MarkLength;
        code = "";
        if (at + MarkLength > text.Length || string.CompareOrdinal(text, at, Mark, 0, Mark.Length) != 0)
        {
            return false;
        }

        code = (TextColour)(text[at + Mark.Length] - '0') switch
        {
            TextColour.Good => "\u001b[32m",
            TextColour.Warning => "\u001b[33m",
            TextColour.Bad => "\u001b[31m",
            _ => "\u001b[0m",
        };
        return true;
    }

    private static string Of(TextColour colour) => $"{Mark}{(char)('0' + (int)colour)}";
}
