using System.Text;

namespace ActorLb.Node.Cli;

/// <summary>A text on as many lines as the terminal's width asks for: broken between words, and not within them.</summary>
internal static class WrappedText
{
    private const string Further = "  ";

    /// <param name="indent">Before each line; those after the first stand a little further in.</param>
    public static void Write(TextWriter output, string text, int width, string indent = "")
    {
        var line = new StringBuilder(indent);
        int begin = indent.Length, used = begin;
        foreach (string word in text.Split(' '))
        {
            int length = TextPaint.LengthOf(word);
            if (used > begin && used + 1 + length > width)
            {
                output.WriteLine(line);
                line.Clear().Append(indent).Append(Further);
                used = begin = line.Length;
            }

            string gap = used > begin ? " " : "";
            line.Append(gap).Append(word);
            used += gap.Length + length;
        }

        output.WriteLine(line);
    }
}
