using System.Globalization;
using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Reporting;

/// <summary>All requests of one use, or all tunnels of one kind, in one pool.</summary>
/// <param name="Count">Sent; opened.</param>
/// <param name="Lost">Of these, those that failed, or were ended by the other side.</param>
/// <param name="Unexcused">Of the lost ones, those that no rule covers.</param>
/// <param name="Excused">Of the lost ones, how many each rule covers, by its name.</param>
public sealed record UseFigures(string Pool, string What, int Count, int Lost, int Unexcused, IReadOnlyDictionary<string, int> Excused)
{
    private const string Tunnels = "open: ";

    public static IReadOnlyList<string> Headings { get; } = ["what", "pool", "count", "lost", "without excuse", "by rule"];

    public IReadOnlyList<string> Cells =>
    [
        What, Pool, Text(Count), Text(Lost), Text(Unexcused), string.Join(", ", Excused.OrderByDescending(e => e.Value).Select(e => $"{e.Key} {e.Value}")),
    ];

    public static IReadOnlyList<UseFigures> Of(RunHistory history, SessionWalks walks)
    {
        ILookup<string, string> pools = history.Sent.Where(a => a.Session is not null).DistinctBy(a => a.Session).ToLookup(a => a.Session!, a => a.Pool);
        return
        [
            .. history.Attempts
                .GroupBy(a => (a.Pool, What: a.Client == ClientKind.Browser ? Word(a.Use.ToString()) : $"{Word(a.Use.ToString())} of {Word(a.Client.ToString())}"))
                .OrderBy(g => g.Key.Pool, StringComparer.Ordinal).ThenBy(g => g.Key.What, StringComparer.Ordinal)
                .Select(g => Of(g.Key.Pool, g.Key.What, g.Count(), [.. g.Where(a => !a.Succeeded).Select(a => RequestAllowances.NameOf(a, history, walks))])),
            .. history.Tunnels
                .GroupBy(t => (Pool: pools[t.Session].FirstOrDefault() ?? "", What: Tunnels + Word(t.Kind.ToString())))
                .OrderBy(g => g.Key.Pool, StringComparer.Ordinal).ThenBy(g => g.Key.What, StringComparer.Ordinal)
                .Select(g => Of(g.Key.Pool, g.Key.What, g.Count(), [.. g.Where(t => t.End != TunnelEnd.Left).Select(t => t.End == TunnelEnd.Foreign ? null : TunnelAllowances.NameOf(t, history, walks))])),
        ];
    }

    private static UseFigures Of(string pool, string what, int count, string?[] lost) => new(
        pool, what, count, lost.Length, lost.Count(l => l is null), lost.OfType<string>().GroupBy(l => l).ToDictionary(g => g.Key, g => g.Count()));

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    // RefusedUpload: refused upload.
    private static string Word(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : " ") + char.ToLowerInvariant(c) : c.ToString()));
}
