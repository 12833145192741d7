using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;

namespace ActorLb.Node.Top;

/// <summary>What has happened, as the admin API tells it.</summary>
internal sealed record TopEvent(DateTimeOffset At, string Node, string Severity, string Kind, string Text)
{
    /// <exception cref="FormatException">It is no event.</exception>
    public static TopEvent Of(JsonElement one)
    {
        try
        {
            return new TopEvent(one.GetProperty("at").GetDateTimeOffset(), Word("node"), Word("severity"), Word("kind"), Word("who") is { Length: > 0 } who ? $"{Word("text")} (asked for by {who})" : Word("text"));
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("it is no event", e);
        }

        string Word(string name) => one.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
    }
}

/// <summary>What became of sessions at a backend.</summary>
internal sealed record SessionRow(string Pool, SessionsDocument.Backend Backend)
{
    public string Name => $"{Pool}/{Backend.Id}";
}

/// <summary>The views of what happens: troubles, sessions that move, events. Pure.</summary>
internal static class TopHappenings
{
    public static TopTable<Trouble> Troubles(DateTimeOffset now) => new(
        [
            new TopColumn<Trouble>("State", 5, t => ConditionOf(t).Span) { Key = t => ConditionOf(t).Rank, HighestFirst = true },
            new TopColumn<Trouble>("For", 6, t => new TopSpan(t.Since is { } since ? StatusWords.Span(now - since) : "-")) { Key = t => t.Since is { } since ? (now - since).Ticks : null, IsNumber = true, HighestFirst = true },
            new TopColumn<Trouble>("Since", 9, t => new TopSpan(t.Since is { } since ? TopText.Moment(since, now) : "-")) { Key = t => t.Since },
            TopColumn<Trouble>.Name("What", t => t.Title),
        ],
        "Why, and what was done",
        t => new TopSpan(TopText.Visible($"{t.Why} {t.Done}".Trim())),
        t => $"{ConditionOf(t).Word} {t.Title} {t.Why} {t.Done}",
        new TopSort("State", IsReversed: false));

    public static readonly TopTable<SessionRow> Sessions = new(
        [
            TopColumn<SessionRow>.Name("Backend", s => s.Name),
            TopColumn<SessionRow>.Count("Sess", 5, s => s.Backend.Sessions),
            TopColumn<SessionRow>.Count("To move", 7, s => s.Backend.SessionsToMove),
            TopColumn<SessionRow>.Count("New", 5, s => s.Backend.LastMinute.Began),
            TopColumn<SessionRow>.Count("Adopted", 7, s => s.Backend.LastMinute.Adopted),
            new TopColumn<SessionRow>("Moved", 5, s => new TopSpan(TopText.Count(s.Backend.LastMinute.Moved.All), s.Backend.LastMinute.Moved.All > 0 ? TopTone.Warning : TopTone.None)) { Key = s => s.Backend.LastMinute.Moved.All, IsNumber = true, HighestFirst = true },
            TopColumn<SessionRow>.Count("Expired", 7, s => s.Backend.LastMinute.Expired),
            TopColumn<SessionRow>.Count("Ended", 5, s => s.Backend.LastMinute.Ended),
        ],
        "Moved because",
        s => new TopSpan(Causes(s.Backend.LastMinute.Moved)),
        s => $"{s.Name} {Causes(s.Backend.LastMinute.Moved)}",
        new TopSort("", IsReversed: false));

    public static TopTable<TopEvent> Events(DateTimeOffset now) => new(
        [
            new TopColumn<TopEvent>("At", 9, e => new TopSpan(TopText.Moment(e.At, now))) { Key = e => e.At, HighestFirst = true },
            TopColumn<TopEvent>.Name("Node", e => e.Node),
            new TopColumn<TopEvent>("Severity", 8, e => new TopSpan(TopText.Visible(e.Severity), ToneOf(e.Severity))) { Key = e => RankOf(e.Severity), HighestFirst = true },
            TopColumn<TopEvent>.Word("Kind", e => e.Kind),
        ],
        "What happened",
        e => new TopSpan(TopText.Visible(e.Text)),
        e => $"{e.Node} {e.Severity} {e.Kind} {e.Text}",
        new TopSort("At", IsReversed: false));

    public static TopCondition ConditionOf(Trouble trouble) => trouble.Severity switch
    {
        Trouble.Error => new TopCondition(2, TroubleWords.ConditionOf(trouble), TopTone.Bad),
        Trouble.Warning => new TopCondition(1, TroubleWords.ConditionOf(trouble), TopTone.Warning),
        _ => new TopCondition(0, TroubleWords.ConditionOf(trouble), TopTone.Dim),
    };

    private static int RankOf(string severity) => severity switch { "error" => 2, "warning" => 1, _ => 0 };

    private static TopTone ToneOf(string severity) => severity switch { "error" => TopTone.Bad, "warning" => TopTone.Warning, _ => TopTone.None };

    private static string Causes(SessionsDocument.Moves moves) => string.Join(", ", new (string Cause, long Count)[]
    {
        ("down", moves.Down), ("maintenance", moves.Maintenance), ("drained", moves.Drained), ("removed", moves.Removed), ("unreachable", moves.Unreachable), ("operator", moves.Operator),
    }.Where(m => m.Count > 0).Select(m => $"{m.Cause} {TopText.Count(m.Count)}"));
}
