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
        int begin = indent.Length;
        foreach (string word in text.Split(' '))
        {
            if (line.Length > begin && line.Length + 1 + word.Length > width)
            {
                output.WriteLine(line);
                line.Clear().Append(indent).Append(Further);
                begin = line.Length;
            }

            line.Append(line.Length > begin ? " " : "").Append(word);
        }

        output.WriteLine(line);
    }
}
