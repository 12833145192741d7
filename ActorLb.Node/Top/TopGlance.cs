using System.Collections.Immutable;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;

namespace ActorLb.Node.Top;

/// <summary>The first lines: whether anything is wrong, since when, why and what was done about it; then what goes on as a whole. Pure.</summary>
internal static class TopGlance
{
    public static IEnumerable<ImmutableArray<TopSpan>> Lines(TopFacts facts, int width, int linesMax)
    {
        if (facts.Silence is { } silence)
        {
            foreach (string line in TopText.Wrapped($"SILENT for {StatusWords.Span(facts.SilentFor)}: {TopText.Visible(silence)}", width, linesMax))
            {
                yield return [new TopSpan(line, TopTone.Bad)];
            }

            // What was wrong may be over, and what was well may not be: what is told is of that time.
            if (facts.Picture is { } last)
            {
                string then = WorstOf(last) is null ? "nothing was wrong" : $"it said {TopText.Visible(Summary(last).Text)}";
                yield return [new TopSpan(TopText.Wrapped($"At {TopText.Moment(last.Time, last.Time)} {then}", width, 1)[0], TopTone.Dim)];
            }
        }
        else if (facts.Moved is { } moved)
        {
            foreach (string line in TopText.Wrapped($"MOVED {TopText.Visible(moved)}", width, linesMax))
            {
                yield return [new TopSpan(line, TopTone.Warning)];
            }
        }

        if (facts.Silence is not null || facts.Picture is not { } picture)
        {
            yield break;
        }

        (string text, TopTone tone) = Summary(picture);
        foreach (string line in TopText.Wrapped(TopText.Visible(text), width, linesMax))
        {
            yield return [new TopSpan(line, tone)];
        }
    }

    public static IEnumerable<ImmutableArray<TopSpan>> Figures(LivePicture picture)
    {
        LiveFigures all = picture.All;
        LiveBackend[] backends = [.. picture.Backends];
        yield return
        [
            new TopSpan(
                $"{picture.Nodes.Count(n => n.IsReachable)}/{picture.Nodes.Length} nodes  {backends.Count(b => b.State == "up")}/{backends.Length} backends up  {TopText.Count(picture.Sessions)} sessions  "
                + $"{TopText.Count(backends.Sum(b => b.InFlight))} open  {TopText.Count(backends.Sum(b => b.Tunnels))} tunnels  {TopText.Count(backends.Sum(b => b.Waiting))} queued"),
        ];
        yield return
        [
            new TopSpan(
                $"{TopText.Measure(all.Rate)} req/s  {TopText.Measure(all.FailurePercent)} err%  p50 {TopText.Measure(all.P50)} p95 {TopText.Measure(all.P95)} p99 {TopText.Measure(all.P99)} ms  "
                + $"{TopText.Count(picture.Nodes.Sum(n => n.Clients))} clients  {TopText.Visible(picture.Node)} {TopText.Moment(picture.Time, picture.Time)}"),
        ];
    }

    /// <summary>What is told in full; null: nothing is wrong.</summary>
    public static Trouble? WorstOf(LivePicture picture) => picture.Troubles.FirstOrDefault(t => t.Severity is Trouble.Error or Trouble.Warning);

    private static (string Text, TopTone Tone) Summary(LivePicture picture)
    {
        int wrong = picture.Troubles.Count(t => t.Severity == Trouble.Error);
        int look = picture.Troubles.Count(t => t.Severity == Trouble.Warning);
        if (wrong + look == 0)
        {
            return ($"{TroubleWords.Well}{(picture.Troubles.Length > 0 ? $"; {TroubleWords.Meant(picture.Troubles)}" : "")}", TopTone.Good);
        }

        Trouble worst = WorstOf(picture)!;
        string more = (wrong > 0 ? wrong - 1 : 0, wrong > 0 ? look : look - 1) switch
        {
            (0, 0) => "",
            (var w, 0) => $" (and {w} more)",
            (0, var l) => $" (and {l} to look at)",
            var (w, l) => $" (and {w} more, {l} to look at)",
        };
        return (TroubleWords.Sentence(worst, picture.Time, at => TopText.Moment(at, picture.Time), more), wrong > 0 ? TopTone.Bad : TopTone.Warning);
    }
}
