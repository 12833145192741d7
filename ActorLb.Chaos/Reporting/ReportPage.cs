using System.Text;
using System.Text.Encodings.Web;
using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Reporting;

/// <summary>The report as one page that needs nothing else: verdict, time line, figures, faults, violations.</summary>
internal static class ReportPage
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1440px; padding: 0 1rem; color: #1f2937; }
        h1 { margin-bottom: 0; } h2 { margin-top: 2rem; } .held { color: #047857; } .broken { color: #b91c1c; }
        .wide { overflow-x: auto; } svg { max-width: 100%; height: auto; }
        table { border-collapse: collapse; font-size: 13px; } th, td { border: 1px solid #d1d5db; padding: .2rem .5rem; text-align: right; }
        th { background: #f3f4f6; } th:first-child, td:first-child, td.text { text-align: left; }
        pre { background: #f9fafb; padding: .75rem; overflow-x: auto; font-size: 12px; }
        .band { display: inline-block; width: 1em; height: 1em; vertical-align: -.15em; margin-left: 1em; }
        """;

    public static string Render(RunReport report, RunHistory history)
    {
        var page = new StringBuilder();
        RunFacts facts = report.Facts;
        page.Append($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Chaos: {Encode(facts.Target)}, seed {facts.Seed}</title><style>{Style}</style></head><body>
            <h1>Chaos over {Encode(facts.Target)}: <span class="{(report.Held ? "held" : "broken")}">{(report.Held ? "held" : $"{report.Verdict.Violations.Length} violations")}</span></h1>
            <p>{facts.Nodes} nodes, {facts.Backends} backends, {facts.Browsers} browsers with {facts.Tabs} tabs, seed {facts.Seed}, {facts.BeganAt:yyyy-MM-dd HH:mm} UTC, {facts.Seconds:F0} s.
            {report.Requests} requests, {report.Failed} failed without excuse; {report.Sessions} sessions, {report.SessionsMoved} moved; {report.Faults.Count} faults; {report.Changes} changes, {report.BadChanges} of them bad;
            {report.Tunnels} WebSockets and event streams, {report.TunnelsClosed} ended by the other side; {report.Handshakes} TLS handshakes.</p>
            <h2>Time line</h2>
            <p>Bands are faults, with their numbers, until all was as before:
            <span class="band" style="background:#4682b4"></span> nodes <span class="band" style="background:#ff8c00"></span> network <span class="band" style="background:#3cb371"></span> backends</p>

            """);
        foreach ((string title, string svg) in TimeLine.Charts(history))
        {
            page.Append($"<h3>{Encode(title)}</h3>\n<div class=\"wide\">{svg}</div>\n");
        }

        page.Append("<h2>Who lost what</h2>\n");
        Table(page, UseFigures.Headings, report.Uses.Select(u => u.Cells));
        page.Append("<h2>Figures</h2>\n<p>Times in seconds, median / worst.</p>\n");
        Table(page, KindFigures.Headings, report.Kinds.Select(k => k.Cells));
        page.Append("<h2>Faults</h2>\n");
        Table(page, ["#", "fault", "at", "healed", "whole", "requests", "failed", "moved"], report.Faults.Select(f => (IReadOnlyList<string>)
        [
            $"{f.Fault.Number}", f.Fault.Detail, $"{f.Fault.At:F1}", $"{f.Fault.HealedAt:F1}", $"{f.Fault.WholeAt:F1}", $"{f.Requests}", $"{f.Failed}", $"{f.Moved}",
        ]));
        page.Append("<h2>Looked at</h2>\n");
        Table(page, ["invariant", "facts"], report.Verdict.Checked.Select(c => (IReadOnlyList<string>)[c.Key, $"{c.Value}"]));
        page.Append("<h2>Violations</h2>\n");
        page.Append(report.Held ? "<p>None.</p>\n" : "");
        foreach (Violation violation in report.Verdict.Violations)
        {
            page.Append($"<h3 class=\"broken\">{violation.Invariant} {Encode(violation.Name)} at {violation.At:F2}</h3><p>{Encode(violation.What)}{(violation.Session is null ? "" : $" (session {Encode(violation.Session)})")}</p><pre>");
            page.Append(Encode(string.Join('\n', violation.Faults.Select(f => f.ToString()).Concat(violation.Requests.Select(r => r.ToString())))));
            page.Append("</pre>\n");
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static void Table(StringBuilder page, IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        page.Append($"<div class=\"wide\"><table><tr>{string.Concat(headings.Select(h => $"<th>{Encode(h)}</th>"))}</tr>\n");
        foreach (IReadOnlyList<string> row in rows)
        {
            page.Append($"<tr>{string.Concat(row.Select(c => $"<td>{Encode(c)}</td>"))}</tr>\n");
        }

        page.Append("</table></div>\n");
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
