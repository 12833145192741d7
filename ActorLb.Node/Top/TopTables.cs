using System.Collections.Immutable;
using ActorLb.Node.Cli;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Top;

/// <summary>A pool, a route or a listener, as a row of the same view.</summary>
internal sealed record TrafficRow(string Kind, string Name, TopCondition State, LiveFigures? Figures, string LeadsTo);

/// <summary>The views of what is: backends, nodes, and where traffic goes. Pure.</summary>
internal static class TopTables
{
    private const double MuchPercent = 5;

    private static readonly TopSort WorstFirst = new("State", IsReversed: false);

    public static TopTable<LiveBackend> Backends(DateTimeOffset now) => new(
        [
            new TopColumn<LiveBackend>("State", 11, b => TopConditions.Of(b).Span) { Key = b => TopConditions.Of(b).Rank, HighestFirst = true },
            TopColumn<LiveBackend>.Name("Backend", b => b.Name) with { Ending = b => b.Ending },
            TopColumn<LiveBackend>.Measure("Req/s", 5, b => b.Figures.Rate),
            Errors<LiveBackend>(b => b.Figures),
            TopColumn<LiveBackend>.Measure("p50", 5, b => b.Figures.P50, rank: 4),
            TopColumn<LiveBackend>.Measure("p95", 5, b => b.Figures.P95, rank: 3),
            TopColumn<LiveBackend>.Measure("p99", 5, b => b.Figures.P99),
            TopColumn<LiveBackend>.Count("Open", 5, b => b.InFlight, rank: 1),
            TopColumn<LiveBackend>.Count("Tun", 4, b => b.Tunnels, rank: 5),
            TopColumn<LiveBackend>.Count("Sess", 5, b => b.Sessions),
            new TopColumn<LiveBackend>("Queue", 5, b => new TopSpan(TopText.Count(b.Waiting), b.Waiting > 0 ? TopTone.Warning : TopTone.None)) { Key = b => b.Waiting, IsNumber = true, HighestFirst = true, Rank = 2 },
            TopColumn<LiveBackend>.Count("Move", 5, b => b.SessionsToMove, rank: 7),
            TopColumn<LiveBackend>.Count("Weight", 6, b => b.Weight, rank: 8),
            For<LiveBackend>(b => b.Since, now, rank: 6),
        ],
        "Why",
        b => new TopSpan(TopText.Visible(b.Why)),
        b => $"{TopConditions.Of(b).Word} {b.Name} {b.Operator} {b.Why}",
        WorstFirst)
    {
        Opens = static b => new BackendName(b.Pool, b.Id),
    };

    public static TopTable<LiveNode> Nodes(DateTimeOffset now) => new(
        [
            new TopColumn<LiveNode>("State", 9, n => TopConditions.Of(n).Span) { Key = n => TopConditions.Of(n).Rank, HighestFirst = true },
            TopColumn<LiveNode>.Name("Node", n => n.Name),
            TopColumn<LiveNode>.Measure("Req/s", 5, n => n.Figures?.Rate),
            Errors<LiveNode>(n => n.Figures),
            TopColumn<LiveNode>.Measure("p50", 5, n => n.Figures?.P50, rank: 1),
            TopColumn<LiveNode>.Measure("p95", 5, n => n.Figures?.P95, rank: 1),
            TopColumn<LiveNode>.Measure("p99", 5, n => n.Figures?.P99),
            TopColumn<LiveNode>.Count("Clients", 7, n => n.Clients),
            TopColumn<LiveNode>.Measure("CPU%", 5, n => n.Figures is null ? null : n.ProcessorPermille / 10.0),
            new TopColumn<LiveNode>("Memory", 6, n => new TopSpan(n.Figures is null ? "-" : TopText.Bytes(n.MemoryBytes))) { Key = n => n.MemoryBytes, IsNumber = true, HighestFirst = true },
            For<LiveNode>(n => n.StartedAt, now, rank: 0),
            TopColumn<LiveNode>.Word("Goes by", n => n.Configuration, rank: 2),
            TopColumn<LiveNode>.Word("Version", n => n.Version, rank: 3),
            TopColumn<LiveNode>.Word("Address", n => n.Address, rank: 4),
        ],
        "Notes",
        n => new TopSpan(TopText.Visible(Notes(n)), TopTone.Warning),
        n => $"{TopConditions.Of(n).Word} {n.Name} {n.Address} {n.Version} {n.Configuration} {Notes(n)}",
        WorstFirst);

    public static readonly TopTable<TrafficRow> Traffic = new(
        [
            TopColumn<TrafficRow>.Word("Kind", t => t.Kind),
            TopColumn<TrafficRow>.Name("Name", t => t.Name),
            TopColumn<TrafficRow>.Measure("Req/s", 5, t => t.Figures?.Rate),
            Errors<TrafficRow>(t => t.Figures),
            TopColumn<TrafficRow>.Measure("p50", 5, t => t.Figures?.P50),
            TopColumn<TrafficRow>.Measure("p95", 5, t => t.Figures?.P95),
            TopColumn<TrafficRow>.Measure("p99", 5, t => t.Figures?.P99),
            new TopColumn<TrafficRow>("State", 5, t => t.State.Span) { Key = t => t.State.Rank, HighestFirst = true },
        ],
        "Leads to",
        t => new TopSpan(TopText.Visible(t.LeadsTo)),
        t => $"{t.Kind} {t.Name} {t.State.Word} {t.LeadsTo}",
        new TopSort("", IsReversed: false));

    public static ImmutableArray<TrafficRow> RowsOf(LivePicture picture) =>
    [
        .. picture.Pools.Select(p => new TrafficRow("pool", p.Name, TopConditions.Of(p), p.Figures, p.Balance)),
        .. picture.Routes.Select(r => new TrafficRow("route", $"{r.Host}{r.Path}", new TopCondition(0, r.Answers ? "answers" : "", TopTone.None), r.Figures, Ways(r))),
        .. picture.Listeners.Select(l => new TrafficRow(
            "listener", l.Name, new TopCondition(0, $"{TopText.Count(l.Open)} open", TopTone.None), l.Figures, $"{l.Bind}{(l.IsTls ? " (TLS)" : "")}")),
    ];

    private static string Ways(LiveRoute route) => route.Ways.Length == 1 ? route.Ways[0].Pool
        : string.Join(", ", route.Ways.Select(w => $"{w.Pool} {TopText.Measure(w.Requests / 10.0)}/s"));

    private static string Notes(LiveNode node) => string.Join("; ", new[]
    {
        node.Unheard.Length > 0 ? $"does not hear {string.Join(", ", node.Unheard)}" : null,
        node.Differs ? "goes by another configuration" : null,
        node.ClockIsWrong ? "its clock is wrong" : null,
    }.OfType<string>());

    public static TopColumn<T> Errors<T>(Func<T, LiveFigures?> of) => TopColumn<T>.Measure(
        "Err%", 5, t => of(t)?.FailurePercent, tone: t => of(t)?.FailurePercent is { } percent and > 0 ? percent >= MuchPercent ? TopTone.Bad : TopTone.Warning : TopTone.None);

    private static TopColumn<T> For<T>(Func<T, DateTimeOffset?> since, DateTimeOffset now, int rank) =>
        new("For", 6, t => new TopSpan(since(t) is { } at ? StatusWords.Span(now - at) : "-"))
        {
            Key = t => since(t) is { } at ? (now - at).Ticks : null,
            IsNumber = true,
            HighestFirst = true,
            Rank = rank,
        };
}
