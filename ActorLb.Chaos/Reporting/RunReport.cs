using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Reporting;

/// <summary>What a run showed: facts, verdict and figures, as text, as JSON and as a page.</summary>
/// <param name="Failed">Requests that nothing excuses.</param>
/// <param name="BadChanges">Those of the changes that had to be refused.</param>
/// <param name="TunnelsClosed">WebSockets and event streams that did not end because their client left.</param>
public sealed record RunReport(
    RunFacts Facts,
    int Requests,
    int Sessions,
    int SessionsMoved,
    int Failed,
    int Changes,
    int BadChanges,
    int Tunnels,
    int TunnelsClosed,
    int Handshakes,
    bool Held,
    Verdict Verdict,
    IReadOnlyList<UseFigures> Uses,
    IReadOnlyList<KindFigures> Kinds,
    IReadOnlyList<FaultFigures> Faults)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static readonly JsonSerializerOptions Line = new(Json) { WriteIndented = false, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static RunReport Of(RunHistory history)
    {
        var walks = new SessionWalks(history);
        IReadOnlyList<FaultFigures> figures = FaultFigures.Of(history);
        Verdict verdict = HistoryChecker.Check(history);
        return new RunReport(
            history.Facts,
            history.Attempts.Length,
            walks.Sessions.Count,
            walks.Moves.DistinctBy(m => m.Session).Count(),
            ServedRequests.Unexcused(history, walks).Count(),
            history.Changes.Length,
            history.Changes.Count(c => c.IsBad),
            history.Tunnels.Length,
            history.Tunnels.Count(t => t.End != TunnelEnd.Left),
            history.Attempts.Count(a => a.Certificate is not null),
            verdict.Held,
            verdict,
            UseFigures.Of(history, walks),
            KindFigures.Of(figures),
            figures);
    }

    /// <summary>Writes history.jsonl, report.json and report.html.</summary>
    public static async Task<RunReport> WriteAsync(RunHistory history, string folder)
    {
        RunReport report = Of(history);
        await using (StreamWriter lines = File.CreateText(Path.Combine(folder, "history.jsonl")))
        {
            foreach (object line in history.Faults.Cast<object>().Concat(history.Changes).Concat(history.Tunnels).Concat(history.Reports).Concat(history.Sent))
            {
                await lines.WriteLineAsync(JsonSerializer.Serialize(line, Line));
            }
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "report.json"), JsonSerializer.Serialize(report, Json));
        await File.WriteAllTextAsync(Path.Combine(folder, "report.html"), ReportPage.Render(report, history));
        return report;
    }

    /// <summary>For people at a terminal, and for docs: a table in Markdown, and every violation.</summary>
    public void Print(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{Requests} requests in {Facts.Seconds:F0} s, {Failed} failed; {Sessions} sessions, {SessionsMoved} moved; {Faults.Count} faults");
        output.WriteLine($"{Changes} changes, {BadChanges} of them bad; {Tunnels} WebSockets and event streams, {TunnelsClosed} ended by the other side; {Handshakes} TLS handshakes");
        Print(UseFigures.Headings, Uses.Select(u => u.Cells), output);
        Print(KindFigures.Headings, Kinds.Select(k => k.Cells), output);
        output.WriteLine("Times in seconds, median / worst.");
        output.WriteLine($"Looked at: {string.Join(", ", Verdict.Checked.OrderBy(c => c.Key.IndexOf(' ', StringComparison.Ordinal)).Select(c => $"{c.Key}: {c.Value}"))}");
        foreach (Violation violation in Verdict.Violations)
        {
            Print(violation, output);
        }

        output.WriteLine(Held ? "Held." : $"NOT HELD: {Verdict.Violations.Length} violations.");
    }

    private static void Print(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows, TextWriter output)
    {
        output.WriteLine($"| {string.Join(" | ", headings)} |");
        output.WriteLine($"|{string.Concat(headings.Select(_ => "---|"))}");
        foreach (IReadOnlyList<string> row in rows)
        {
            output.WriteLine($"| {string.Join(" | ", row)} |");
        }

        output.WriteLine();
    }

    private static void Print(Violation violation, TextWriter output)
    {
        output.WriteLine($"VIOLATED {violation.Invariant} {violation.Name} at {violation.At:F2}: {violation.What}{(violation.Session is null ? "" : $" (session {violation.Session})")}");
        foreach (FaultSpan fault in violation.Faults)
        {
            output.WriteLine($"    {fault}");
        }

        foreach (Attempt attempt in violation.Requests)
        {
            output.WriteLine($"    {attempt}");
        }
    }
}
