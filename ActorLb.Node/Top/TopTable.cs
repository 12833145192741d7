using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Top;

/// <summary>A column of a view.</summary>
/// <param name="Width">Of numbers: their cells; of words: what they take at least.</param>
internal sealed record TopColumn<T>(string Title, int Width, Func<T, TopSpan> Cell)
{
    /// <summary>The highest is left out first where there is no room; 0: never.</summary>
    public int Rank { get; init; }

    /// <summary>By what it is sorted; null comes last.</summary>
    public required Func<T, IComparable?> Key { get; init; }

    /// <summary>It stands at the right.</summary>
    public bool IsNumber { get; init; }

    /// <summary>Sorted by it, the greatest comes first; else the least.</summary>
    public bool HighestFirst { get; init; }

    /// <summary>Its texts are cut where there is no room.</summary>
    public bool Shrinks { get; init; }

    /// <summary>An ending that its like have as well: of a text that is cut it goes first.</summary>
    public Func<T, string> Ending { get; init; } = static _ => "";

    public static TopColumn<T> Count(string title, int width, Func<T, long> count, int rank = 0) =>
        new(title, width, t => new TopSpan(TopText.Count(count(t)))) { Key = t => count(t), IsNumber = true, HighestFirst = true, Rank = rank };

    public static TopColumn<T> Measure(string title, int width, Func<T, double?> measure, int rank = 0, Func<T, TopTone>? tone = null) =>
        new(title, width, t => new TopSpan(TopText.Measure(measure(t)), tone?.Invoke(t) ?? TopTone.None)) { Key = t => measure(t), IsNumber = true, HighestFirst = true, Rank = rank };

    public static TopColumn<T> Word(string title, Func<T, string> word, int rank = 0) =>
        new(title, title.Length, t => new TopSpan(TopText.Visible(word(t)))) { Key = word, Rank = rank };

    public static TopColumn<T> Name(string title, Func<T, string> name) => Word(title, name) with { Shrinks = true };
}

/// <summary>Rows of a view as lines.</summary>
/// <param name="All">Rows that there are, with those that the filter leaves out.</param>
internal sealed record TopRows(ImmutableArray<ImmutableArray<TopSpan>> Lines, TopExtent Extent, int All);

/// <summary>A view: which columns it has, and what is below a row where it has no room beside it. Lays out what is in sight alone. Pure.</summary>
/// <param name="Rest">The last column, as long as it likes.</param>
internal sealed record TopTable<T>(ImmutableArray<TopColumn<T>> Columns, string RestTitle, Func<T, TopSpan> Rest, Func<T, string> Sought, TopSort Sort)
{
    private const string Indent = "  ";

    /// <summary>Of a name that is cut: enough to tell one from another.</summary>
    private const int ShortestName = 10;

    /// <summary>Of what is below a row.</summary>
    private const int RestLinesMax = 3;

    private static readonly TopSpan Gap = new(" ");

    /// <summary>Which backend a row leads to; null: rows lead nowhere.</summary>
    public Func<T, BackendName>? Opens { get; init; }

    /// <param name="height">Lines that there is room for, the heading's included.</param>
    public TopRows Show(IReadOnlyList<T> items, TopState state, int width, int height)
    {
        T[] rows = Sorted([.. items.Where(i => state.Filter.Length == 0 || Sought(i).Contains(state.Filter, StringComparison.OrdinalIgnoreCase))], state, out TopSort sort);
        int[] shown = InSight(rows, width, out int[] widths);
        int beside = width - shown.Sum(i => widths[i] + 1);
        var lines = ImmutableArray.CreateBuilder<ImmutableArray<TopSpan>>();
        lines.Add(Heading(shown, widths, beside, sort));
        int room = Math.Max(0, height - 1);
        int first = Math.Min(state.Scroll, FirstBefore(rows, rows.Length - 1, shown, widths, beside, width, room));
        bool isMarked = Opens is not null && height != int.MaxValue && rows.Length > 0;
        int marked = isMarked ? Array.FindIndex(rows, r => Opens!(r) == state.Marked) : -1;
        if (marked >= 0)
        {
            first = Math.Clamp(first, FirstBefore(rows, marked, shown, widths, beside, width, room), marked);
        }
        else if (isMarked)
        {
            marked = first;
        }

        int page = 0;
        for (int i = first; i < rows.Length && room > 0; i++)
        {
            foreach (ImmutableArray<TopSpan> line in Lines(rows[i], shown, widths, beside, width, i == marked).Take(room))
            {
                lines.Add(line);
                room--;
            }

            page++;
        }

        var extent = new TopExtent(rows.Length, first, page, [.. shown.Select(i => Columns[i].Title)], sort);
        return new TopRows(lines.ToImmutable(), isMarked ? extent with { Choices = [.. rows.Select(Opens!)], Marked = marked } : extent, items.Count);
    }

    private T[] Sorted(T[] rows, TopState state, out TopSort sort)
    {
        sort = state.Sorts.GetValueOrDefault(state.View) is { } asked && Columns.Any(c => c.Title == asked.Column) ? asked : Sort;
        string by = sort.Column;
        if (Columns.FirstOrDefault(c => c.Title == by) is not { } column)
        {
            return rows;
        }

        IComparable?[] keys = [.. rows.Select(column.Key)];
        int[] order = [.. Enumerable.Range(0, rows.Length)];
        int sign = column.HighestFirst != sort.IsReversed ? -1 : 1;
        Array.Sort(order, (a, b) => Compare(keys[a], keys[b], sign) is var c and not 0 ? c : a.CompareTo(b));
        return [.. order.Select(i => rows[i])];
    }

    // What is not known comes last, either way.
    private static int Compare(IComparable? a, IComparable? b, int sign) => (a, b) switch
    {
        (null, null) => 0,
        (null, _) => 1,
        (_, null) => -1,
        (string one, string other) => sign * string.CompareOrdinal(one, other),
        _ => sign * a.CompareTo(b),
    };

    private int[] InSight(T[] rows, int width, out int[] widths)
    {
        int[] all = widths = [.. Columns.Select(c => c.IsNumber ? Math.Max(c.Width, c.Title.Length) : rows.Select(r => TopText.Width(c.Cell(r).Text)).Append(Math.Max(c.Width, c.Title.Length)).Max())];
        var shown = Enumerable.Range(0, Columns.Length).ToList();
        foreach (int least in shown.Where(i => Columns[i].Rank > 0).OrderByDescending(i => Columns[i].Rank).ToArray())
        {
            if (shown.Sum(i => (Columns[i].Shrinks ? Math.Min(all[i], ShortestName) : all[i]) + 1) - 1 > width)
            {
                shown.Remove(least);
            }
        }

        int over = shown.Sum(i => all[i] + 1) - 1 - width;
        foreach (int i in shown.Where(i => Columns[i].Shrinks && over > 0))
        {
            int cut = Math.Min(over, Math.Max(0, all[i] - ShortestName));
            all[i] -= cut;
            over -= cut;
        }

        return [.. shown];
    }

    private ImmutableArray<TopSpan> Heading(int[] shown, int[] widths, int beside, TopSort sort)
    {
        var line = ImmutableArray.CreateBuilder<TopSpan>();
        foreach (int i in shown)
        {
            TopColumn<T> column = Columns[i];
            line.Add(new TopSpan(TopText.Padded(column.Title, widths[i], column.IsNumber), column.Title == sort.Column ? TopTone.Chosen : TopTone.Strong));
            line.Add(Gap);
        }

        if (beside >= RestTitle.Length)
        {
            line.Add(new TopSpan(RestTitle, TopTone.Strong));
        }

        return line.ToImmutable();
    }

    private IEnumerable<ImmutableArray<TopSpan>> Lines(T row, int[] shown, int[] widths, int beside, int width, bool isMarked = false)
    {
        var line = ImmutableArray.CreateBuilder<TopSpan>();
        foreach (int i in shown)
        {
            TopColumn<T> column = Columns[i];
            TopSpan cell = column.Cell(row);
            line.Add(new TopSpan(Tone: isMarked && column.Shrinks ? TopTone.Chosen : cell.Tone, Text: TopText.Padded(column.Shrinks ? TopText.CutName(cell.Text, widths[i], column.Ending(row)) : TopText.Cut(cell.Text, widths[i]), widths[i], column.IsNumber)));
            line.Add(Gap);
        }

        TopSpan rest = Rest(row);
        if (rest.Text.Length == 0 || TopText.Width(rest.Text) <= beside)
        {
            line.Add(rest);
            return [line.ToImmutable()];
        }

        return TopText.Wrapped(rest.Text, Math.Max(1, width - Indent.Length), RestLinesMax)
            .Select(t => ImmutableArray.Create(new TopSpan(Indent), rest with { Text = t }))
            .Prepend(line.ToImmutable());
    }

    // From there on all rows to that one are in sight.
    private int FirstBefore(T[] rows, int last, int[] shown, int[] widths, int beside, int width, int room)
    {
        for (int i = last; i >= 0; i--)
        {
            room -= Lines(rows[i], shown, widths, beside, width).Count();
            if (room < 0)
            {
                return Math.Min(i + 1, last);
            }
        }

        return 0;
    }
}
