using System.Collections.Immutable;

namespace ActorLb.Node.Top;

/// <summary>The view that says what keys do and what columns count. Pure.</summary>
internal static class TopHelp
{
    private static readonly (string Key, string Text)[] Lines =
    [
        .. TopTab.All.Where(t => t.View != TopView.Help).Select(t => ($"{t.Digit} {t.Letter}", Of(t.View))),
        ("/", "shows rows alone that have a text, in all views; Esc clears it"),
        ("> <", "sorts by the next or the previous column, as arrows do"),
        ("r", "reverses that"),
        ("Enter", "opens the backend whose row is marked: who says what of it; Esc leads back"),
        ("j k", "goes on by a row, as arrows do; PageUp, PageDown, g (Home), G (End)"),
        ("space", "holds the picture as it is, and goes on"),
        ("? h", "this, and back"),
        ("q", "quits, as Ctrl+C does"),
        ("", ""),
        ("Req/s", "requests a second: figures are of all nodes, over ten seconds"),
        ("Err%", "failures of a hundred requests"),
        ("p50 p95", "half of the answers began within so many milliseconds; 95 of 100"),
        ("p99", "99 of 100"),
        ("Open", "requests in flight, tunnels included; Tun: tunnels (WebSockets) alone"),
        ("Sess", "sessions that live there; Move: those that would move if they came now"),
        ("Queue", "requests that wait for a place, or are held"),
        ("For", "for how long it is so; at nodes: for how long it runs"),
    ];

    public static TopRows Show(TopState state, int width, int height)
    {
        int first = Math.Min(state.Scroll, Math.Max(0, Lines.Length - height));
        ImmutableArray<ImmutableArray<TopSpan>> shown =
        [
            .. Lines.Skip(first).Take(height).Select(l => ImmutableArray.Create(new TopSpan(TopText.Padded(l.Key, 8, isRight: false), TopTone.Strong), new TopSpan(TopText.Cut(l.Text, Math.Max(1, width - 8))))),
        ];
        return new TopRows(shown, new TopExtent(Lines.Length, first, shown.Length, [], TopExtent.Nothing.Sort), Lines.Length);
    }

    private static string Of(TopView view) => view switch
    {
        TopView.Wrong => "what is wrong, since when, why, and what was done about it",
        TopView.Nodes => "nodes: load, what each goes by, whom it does not hear",
        TopView.Traffic => "pools, routes and listeners: where requests go",
        TopView.Backends => "backends: state and why, rates, failures, latencies, sessions",
        TopView.Sessions => "sessions: how many live where, how many moved and why",
        _ => "events of the last hour, and those that come",
    };
}
