using System.Collections.Immutable;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Top;

/// <summary>One screen: what is to be seen of what nodes told, as whoever looks asked for it. Pure.</summary>
/// <param name="Lines">No more than the height, and none wider than the width.</param>
internal sealed record TopFrame(ImmutableArray<ImmutableArray<TopSpan>> Lines, TopExtent Extent)
{
    /// <summary>Of a screen of so many lines one may be of what is wrong.</summary>
    private const int LinesOfOneGlance = 8;

    private const int FooterHeight = 1;

    private const string Keys = "  / filter  < > sort  r reverse";

    /// <param name="width">Cells; the greatest number where lines have no end.</param>
    /// <param name="height">Lines; the greatest number where there is room for all.</param>
    public static TopFrame Of(TopState state, TopFacts facts, int width, int height)
    {
        bool isEndless = height == int.MaxValue;
        var lines = ImmutableArray.CreateBuilder<ImmutableArray<TopSpan>>();
        lines.AddRange(TopGlance.Lines(facts, width, isEndless ? int.MaxValue : Math.Max(1, height / LinesOfOneGlance)));
        if (facts.Picture is not { } picture)
        {
            lines.Add([new TopSpan(TopText.Cut("waiting for the first picture", width))]);
            return new TopFrame(Clipped(lines, width, height), TopExtent.Nothing);
        }

        lines.AddRange(TopGlance.Figures(picture));
        if (!isEndless)
        {
            lines.Add(Tabs(state, picture));
        }

        int room = isEndless ? int.MaxValue : Math.Max(2, height - lines.Count - FooterHeight);
        (TopRows rows, string what) = state.View switch
        {
            TopView.Wrong => (TopHappenings.Troubles(picture.Time).Show(picture.Troubles, state, width, room), "troubles"),
            TopView.Nodes => (TopTables.Nodes(picture.Time).Show(picture.Nodes, state, width, room), "nodes"),
            TopView.Traffic => (TopTables.Traffic.Show(TopTables.RowsOf(picture), state, width, room), "pools, routes and listeners"),
            TopView.Sessions => (TopHappenings.Sessions.Show(SessionRows(facts), state, width, room), "backends, what became of sessions there in the last minute"),
            TopView.Events => (TopHappenings.Events(picture.Time).Show(facts.Events, state, width, room), "events"),
            TopView.Help => (TopHelp.Show(state, width, room), "lines"),
            TopView.Backend => (TopBackend.Show(state, facts, picture, width, room), $"lines of {TopText.Visible(state.Opened?.ToString() ?? "no backend")}"),
            _ => (TopTables.Backends(picture.Time).Show([.. picture.Backends], state, width, room), "backends"),
        };
        lines.AddRange(rows.Lines);
        if (!isEndless)
        {
            while (lines.Count < height - FooterHeight)
            {
                lines.Add([]);
            }

            string? problem = state.View switch { TopView.Sessions => facts.SessionsProblem, TopView.Events => facts.EventsProblem, _ => null };
            lines.Add(Footer(state, rows, problem is null ? what : $"{what} ({TopText.Visible(problem)})", width));
        }

        return new TopFrame(Clipped(lines, width, height), rows.Extent);
    }

    private static IReadOnlyList<SessionRow> SessionRows(TopFacts facts) => facts.Sessions is { } sessions
        ? [.. sessions.Pools.SelectMany(p => p.Backends.Select(b => new SessionRow(p.Name, b)))]
        : [];

    private static ImmutableArray<TopSpan> Tabs(TopState state, LivePicture picture)
    {
        var line = ImmutableArray.CreateBuilder<TopSpan>();
        foreach (TopTab tab in TopTab.All)
        {
            int told = tab.View == TopView.Wrong ? picture.Troubles.Count(t => t.Severity != Trouble.Info) : 0;
            string text = $"{tab.Digit} {tab.Word}{(told > 0 ? $" {told}" : "")}";
            line.Add(tab.View == (state.View == TopView.Backend ? TopView.Backends : state.View) ? new TopSpan($"[{text}]", TopTone.Chosen) : new TopSpan($" {text} "));
        }

        line.Add(new TopSpan("q quit"));
        return line.ToImmutable();
    }

    private static ImmutableArray<TopSpan> Footer(TopState state, TopRows rows, string what, int width)
    {
        if (state.IsTyping)
        {
            return [new TopSpan($"filter: {TopText.Visible(state.Filter)}_", TopTone.Chosen), new TopSpan("  Enter keeps it, Esc clears it", TopTone.Dim)];
        }

        TopExtent seen = rows.Extent;
        string text = (seen.Page == 0 ? "none" : seen.Page == seen.Rows ? $"all {seen.Rows}" : $"{seen.First + 1}-{seen.First + seen.Page} of {seen.Rows}")
            + (seen.Rows < rows.All ? $" (of {rows.All})" : "")
            + $" {what}"
            + (seen.Sort.Column.Length > 0 ? $", by {seen.Sort.Column}{(seen.Sort.IsReversed ? ", reversed" : "")}" : "")
            + (state.Filter.Length > 0 && state.View != TopView.Backend ? $"; filter: {TopText.Visible(state.Filter)} (Esc clears)" : "")
            + (state.IsHeld ? "; HELD, space goes on" : "");
        string keys = state.View switch { TopView.Backend => "  Esc leads back", TopView.Backends => $"  Enter opens{Keys}", _ => Keys };
        return TopText.Width(text) + keys.Length <= width ? [new TopSpan(text), new TopSpan(keys, TopTone.Dim)] : [new TopSpan(text)];
    }

    private static ImmutableArray<ImmutableArray<TopSpan>> Clipped(IEnumerable<ImmutableArray<TopSpan>> lines, int width, int height) =>
        [.. lines.Take(height).Select(l => Clipped(l, width))];

    private static ImmutableArray<TopSpan> Clipped(ImmutableArray<TopSpan> line, int width)
    {
        if (line.Sum(s => (long)TopText.Width(s.Text)) <= width)
        {
            return line;
        }

        var clipped = ImmutableArray.CreateBuilder<TopSpan>();
        foreach (TopSpan span in line)
        {
            string text = TopText.Cut(span.Text, width);
            clipped.Add(span with { Text = text });
            width -= TopText.Width(text);
        }

        return clipped.ToImmutable();
    }
}
