using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Top;

/// <summary>One backend's own page: how it is and why, what each node says and has of it, its drain, and the last requests that failed there. Pure.</summary>
internal static class TopBackend
{
    private const int LabelWidth = 9;

    private const int LinesOfOneFact = 3;

    private static readonly TopSort AsTold = new("", IsReversed: false);

    public static TopRows Show(TopState state, TopFacts facts, LivePicture picture, int width, int height)
    {
        ImmutableArray<ImmutableArray<TopSpan>> lines = [.. state.Opened is { } name ? Lines(name, facts.BackendAsked == name ? facts : TopFacts.None, picture, width) : []];
        int first = Math.Min(state.Scroll, Math.Max(0, lines.Length - height));
        ImmutableArray<ImmutableArray<TopSpan>> shown = [.. lines.Skip(first).Take(height)];
        return new TopRows(shown, new TopExtent(lines.Length, first, shown.Length, [], AsTold), lines.Length);
    }

    private static IEnumerable<ImmutableArray<TopSpan>> Lines(BackendName name, TopFacts facts, LivePicture picture, int width)
    {
        LiveBackend? row = picture.Backends.FirstOrDefault(b => b.Pool == name.Pool && b.Id == name.Id);
        yield return Title(name, row, picture.Time);
        string? said = facts.BackendProblem ?? (facts.Backend is null ? "asking for it" : null);
        foreach (string line in said is null ? [] : TopText.Wrapped(TopText.Visible(said), width, LinesOfOneFact))
        {
            yield return [new TopSpan(line, facts.BackendProblem is null ? TopTone.Dim : TopTone.Bad)];
        }

        // What the first lines of the screen say is not said twice.
        foreach (Trouble trouble in picture.Troubles.Where(t => t.Pool == name.Pool && t.Backend == name.Id && !ReferenceEquals(t, TopGlance.WorstOf(picture))))
        {
            TopCondition condition = TopHappenings.ConditionOf(trouble);
            foreach (string line in TopText.Wrapped(TopText.Visible($"{condition.Word}: {trouble.Title}. {trouble.Why} {trouble.Done}".TrimEnd()), width, LinesOfOneFact))
            {
                yield return [new TopSpan(line, condition.Tone)];
            }
        }

        if (facts.Backend is { } told)
        {
            foreach (ImmutableArray<TopSpan> line in Facts(told, row).SelectMany(f => Fact(f, width)).Concat(Tables(told, width)))
            {
                yield return line;
            }
        }
    }

    private static ImmutableArray<TopSpan> Title(BackendName name, LiveBackend? row, DateTimeOffset now) => row is null
        ? [new TopSpan(TopText.Visible(name.ToString()), TopTone.Strong), new TopSpan(" is no backend now")]
        :
        [
            new TopSpan(TopText.Visible(name.ToString()), TopTone.Strong), new TopSpan(" is "), TopConditions.Of(row).Span,
            new TopSpan($", for {StatusWords.Span(now - row.Since)}, since {TopText.Moment(row.Since, now)}"),
        ];

    private static IEnumerable<(string Label, TopSpan Text)> Facts(BackendViewDocument told, LiveBackend? row)
    {
        StatusDocument.Backend b = told.Backend;
        if (told.Drain is { } drain)
        {
            yield return ("Drain", Left(drain, told.Time));
        }

        yield return ("Address", string.Join(", ", Weights(b).Prepend(b.Address)));
        yield return ("Operator", $"{StatusWords.Operator(b, told.Time)}; it takes {(b.TakesNewSessions ? "" : "no ")}new sessions");
        yield return ("Open", $"{TopText.Counted(b.InFlight, "request")} in flight, of them {TopText.Counted(b.Tunnels, "tunnel")}");
        yield return ("Sessions", $"{TopText.Counted(b.Sessions, "session")}{(b.SessionsToMove > 0 ? $", and {b.SessionsToMove} that move as they come" : "")}");
        if (row is not null)
        {
            LiveFigures f = row.Figures;
            yield return ("Figures", $"{TopText.Measure(f.Rate)} req/s  {TopText.Measure(f.FailurePercent)} err%  p50 {TopText.Measure(f.P50)} p95 {TopText.Measure(f.P95)} p99 {TopText.Measure(f.P99)} ms");
        }

        yield return ("Queue", Queue(b, row, told));
        yield return ("Circuit", b.Circuit is { } circuit ? new TopSpan($"at {told.Node} {StatusWords.Of(circuit, told.Time)}", TopTone.Warning) : $"at {told.Node} closed");
        yield return ("Counted", string.Create(CultureInfo.InvariantCulture, $"at {told.Node} since its start: {TopText.Counted(b.Requests, "request")}, {TopText.Counted(b.Failures, "failure")}{(b.FailuresAnswered > 0 ? $" ({b.FailuresAnswered} of them answered 5xx)" : "")}")
            + (told.Failures.Count > 0 ? $"; not answered as asked: {string.Join(", ", told.Failures.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Reason} {f.Count}")))}" : ""));
    }

    private static IEnumerable<string> Weights(StatusDocument.Backend b)
    {
        string slow = b.SlowStart is { } share ? string.Create(CultureInfo.InvariantCulture, $", of it {share * 100:0.#}% in slow start") : "";
        yield return string.Create(CultureInfo.InvariantCulture, $"weight {b.Weight}{slow}");
        if (StatusWords.Overlay(b) is { Length: > 0 } overlay)
        {
            yield return overlay;
        }

        if (b.Backup)
        {
            yield return "a backup";
        }
    }

    private static TopSpan Queue(StatusDocument.Backend b, LiveBackend? row, BackendViewDocument told)
    {
        long waiting = row?.Waiting ?? b.Queue?.Requests ?? 0;
        string here = b.Queue is not { } queue ? ""
            : $"; at {told.Node}{(queue.Since is { } since ? $" the first for {StatusWords.Span(told.Time - since)}," : "")} {TopText.Count(queue.Refused)} found it full, {TopText.Count(queue.TimedOut)} waited too long";
        return new TopSpan($"{TopText.Counted(waiting, "request")} {(waiting == 1 ? "waits" : "wait")}{here}", waiting > 0 ? TopTone.Warning : TopTone.None);
    }

    private static TopSpan Left(DrainsDocument.Drain drain, DateTimeOffset now)
    {
        if (drain.CanBeStopped)
        {
            return new TopSpan($"nothing is left: its server can be stopped{Unreachable(drain)}", TopTone.Good);
        }

        string end = drain.Over ? "its deadline has passed, and the rest moves"
            : drain.Deadline is { } deadline ? $"what is left moves in {StatusWords.Span(deadline - now)}"
            : "it has no deadline";
        string moving = drain.Moving is not { } how ? "" : how.Rate is { } rate ? string.Create(CultureInfo.InvariantCulture, $"; sessions move, {rate} a second") : "; sessions move, all at once";
        string nobody = drain.NobodyElse ? "; no other backend takes new sessions: it cannot finish before one does" : "";
        return new TopSpan(
            $"{TopText.Counted(drain.Sessions, "session")}, {TopText.Counted(drain.Requests, "request")}, {TopText.Counted(drain.Tunnels, "tunnel")} left, for {StatusWords.Span(now - drain.Since)}; {end}{moving}{nobody}{Unreachable(drain)}",
            TopTone.Warning);
    }

    private static string Unreachable(DrainsDocument.Drain drain) =>
        drain.Unreachable.Count == 0 ? "" : $"; {string.Join(", ", drain.Unreachable)} cannot be reached: what is open there is not known";

    private static IEnumerable<ImmutableArray<TopSpan>> Fact((string Label, TopSpan Text) fact, int width) =>
        TopText.Wrapped(TopText.Visible(fact.Text.Text), Math.Max(1, width - LabelWidth), LinesOfOneFact)
            .Select((line, i) => ImmutableArray.Create(new TopSpan(TopText.Padded(i == 0 ? fact.Label : "", LabelWidth, isRight: false), TopTone.Strong), fact.Text with { Text = line }));

    private static IEnumerable<ImmutableArray<TopSpan>> Tables(BackendViewDocument told, int width) =>
    [
        .. told.Backend.Verdicts.Count == 0 ? [] : Rows(Verdicts(told.Time), told.Backend.Verdicts, width),
        .. Rows(AtNodes(told.Time), [.. told.Nodes.OrderBy(n => n.Node, StringComparer.Ordinal)], width),
        .. told.LastFailures.Count == 0 ? [] : Rows(LastFailures(told.Time), told.LastFailures, width),
    ];

    private static ImmutableArray<ImmutableArray<TopSpan>> Rows<T>(TopTable<T> table, IReadOnlyList<T> rows, int width) =>
        table.Show(rows, new TopState(TopView.Backend), width, int.MaxValue).Lines;

    private static TopTable<StatusDocument.Opinion> Verdicts(DateTimeOffset now) => new(
        [
            TopColumn<StatusDocument.Opinion>.Name("Observer", v => v.Node),
            new TopColumn<StatusDocument.Opinion>("Says", 4, v => v.Healthy ? new TopSpan("up", TopTone.Good) : new TopSpan("down", TopTone.Bad)) { Key = v => v.Healthy },
            new TopColumn<StatusDocument.Opinion>("At", 9, v => new TopSpan(TopText.Moment(v.At, now))) { Key = v => v.At },
        ],
        "Why",
        v => new TopSpan(TopText.Visible(v.Detail)),
        static _ => "",
        AsTold);

    private static TopTable<BackendViewDocument.AtNode> AtNodes(DateTimeOffset now) => new(
        [
            TopColumn<BackendViewDocument.AtNode>.Name("Node", n => n.Node),
            TopColumn<BackendViewDocument.AtNode>.Measure("Req/s", 5, n => Figures(n).Rate),
            TopTables.Errors<BackendViewDocument.AtNode>(Figures),
            TopColumn<BackendViewDocument.AtNode>.Measure("p50", 5, n => n.P50, rank: 1),
            TopColumn<BackendViewDocument.AtNode>.Measure("p95", 5, n => n.P95, rank: 2),
            TopColumn<BackendViewDocument.AtNode>.Measure("p99", 5, n => n.P99),
            TopColumn<BackendViewDocument.AtNode>.Count("Queue", 5, n => n.Waiting),
            TopColumn<BackendViewDocument.AtNode>.Count("Held", 4, n => n.Held, rank: 3),
        ],
        "Circuit",
        n => n.Circuit is null ? "closed" : new TopSpan(TopText.Visible($"open{(n.CircuitSince is { } since ? $" for {StatusWords.Span(now - since)}" : "")}: {n.Circuit}{(n.Ejects ? ", ejected" : "")}"), TopTone.Warning),
        static _ => "",
        AsTold);

    private static TopTable<BackendViewDocument.FailedRequest> LastFailures(DateTimeOffset now) => new(
        [
            new TopColumn<BackendViewDocument.FailedRequest>("Failed at", 9, f => new TopSpan(TopText.Moment(f.At, now))) { Key = f => f.At },
            TopColumn<BackendViewDocument.FailedRequest>.Name("Node", f => f.Node),
            TopColumn<BackendViewDocument.FailedRequest>.Word("Why", WhyFailed),
        ],
        "Request id",
        f => new TopSpan(TopText.Visible(f.RequestId)),
        static _ => "",
        AsTold);

    private static string WhyFailed(BackendViewDocument.FailedRequest failed) => (failed.Reason, failed.Status) switch
    {
        (null, { } status) => string.Create(CultureInfo.InvariantCulture, $"answered {status}"),
        ({ } reason, { } status) => string.Create(CultureInfo.InvariantCulture, $"{reason} ({status})"),
        var (reason, _) => reason ?? "-",
    };

    private static LiveFigures Figures(BackendViewDocument.AtNode node) => new(node.RecentRequests, node.RecentFailures, node.P50, node.P95, node.P99);
}
