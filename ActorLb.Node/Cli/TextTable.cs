namespace ActorLb.Node.Cli;

/// <summary>A column of a table.</summary>
/// <param name="Rank">0 is always there; of the others, the highest leaves first where the terminal is too narrow.</param>
internal sealed record TextColumn(string Title, int Rank = 0)
{
    /// <summary>Numbers.</summary>
    public bool IsRight { get; init; }

    /// <summary>Stands below its row where there is no room beside it.</summary>
    public bool Stacks { get; init; }

    /// <summary>A text that is cut in its middle rather than left out.</summary>
    public bool Shrinks { get; init; }
}

/// <summary>One text in a table.</summary>
internal readonly record struct TextCell(string Text, TextColour Colour = TextColour.None)
{
    public static implicit operator TextCell(string text) => new(text);
}

internal enum TextColour
{
    None,
    Good,
    Warning,
    Bad,
}

/// <summary>
/// Lays rows out for a terminal of a given width: everything in one line where that fits, else long texts below their rows,
/// else without the columns that matter least.
/// </summary>
internal sealed class TextTable(params TextColumn[] columns)
{
    private const int Gap = 2;
    private const string Indent = "    ";

    /// <summary>Of a text that is cut: enough to tell one from another.</summary>
    private const int ShortestText = 12;

    private readonly List<TextCell[]> _rows = [];

    public void Add(params TextCell[] cells) => _rows.Add(cells);

    /// <summary>Where columns are left out, the last line names them.</summary>
    public void WriteAll(TextWriter output, int width, bool inColour)
    {
        string[] leftOut = Write(output, width, inColour);
        if (leftOut.Length > 0)
        {
            output.WriteLine();
            WrappedText.Write(output, $"left out: {string.Join(", ", leftOut).ToLowerInvariant()} (-o wide)", width);
        }
    }

    /// <returns>The titles of the columns that are left out.</returns>
    public string[] Write(TextWriter output, int width, bool inColour)
    {
        int[] widths = [.. columns.Select((c, i) => _rows.Select(r => r[i].Text.Length).Append(c.Title.Length).Max())];
        var beside = Enumerable.Range(0, columns.Length).Where(i => _rows.Any(r => r[i].Text.Length > 0)).ToList();
        bool stacks = Total(beside, widths) > width;
        if (stacks)
        {
            beside.RemoveAll(i => columns[i].Stacks);
        }

        var leftOut = new List<int>();
        foreach (int least in beside.Where(i => columns[i].Rank > 0).OrderByDescending(i => columns[i].Rank).ToArray())
        {
            if (Total(beside, widths) > width)
            {
                beside.Remove(least);
                leftOut.Add(least);
            }
        }

        if (Total(beside, widths) is var total && total > width && beside.Find(i => columns[i].Shrinks) is var cut && columns[cut].Shrinks)
        {
            widths[cut] = Math.Max(ShortestText, widths[cut] - (total - width));
        }

        WriteLine(output, beside.Select(i => Padded(columns[i].Title, columns[i], widths[i])));
        foreach (TextCell[] row in _rows)
        {
            WriteLine(output, beside.Select(i => TextPaint.Paint(Padded(Cut(row[i].Text, widths[i]), columns[i], widths[i]), row[i].Colour, inColour)));
            if (stacks)
            {
                WriteBelow(output, Enumerable.Range(0, columns.Length).Where(i => columns[i].Stacks).Select(i => row[i].Text), width);
            }
        }

        return [.. leftOut.Order().Select(i => columns[i].Title)];
    }

    private static int Total(List<int> shown, int[] widths) => shown.Sum(i => widths[i] + Gap) - Gap;

    private static string Padded(string text, TextColumn column, int width) => column.IsRight ? text.PadLeft(width) : text.PadRight(width);

    // What differs between names is more often at their ends.
    private static string Cut(string text, int width) =>
        text.Length <= width ? text : $"{text[..((width - 1) / 3)]}…{text[^(width - 1 - ((width - 1) / 3))..]}";

    private static void WriteLine(TextWriter output, IEnumerable<string> cells) =>
        output.WriteLine(string.Join(new string(' ', Gap), cells).TrimEnd());

    private static void WriteBelow(TextWriter output, IEnumerable<string> texts, int width)
    {
        foreach (string text in texts.Where(t => t.Length > 0))
        {
            WrappedText.Write(output, text, width, Indent);
        }
    }
}
