using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Invariant 8, as far as it shows outside: a client that never sends its cookie back costs no memory.</summary>
public sealed class BoundedInvariant : IInvariant
{
    public int Number => 8;

    public string Name => "bounded";

    public Findings Check(RunHistory history, SessionWalks walks)
    {
        double[] cameBack = [.. history.Sent
            .Where(a => a is { Client: ClientKind.Browser, SessionSent: not null })
            .SelectMany(a => (IEnumerable<(string? Session, double At)>)[(a.SessionSent, a.Sent), (a.Also, a.Sent)])
            .Where(a => a.Session is not null)
            .GroupBy(a => a.Session!)
            .Select(g => g.Min(a => a.At))

            // Another value of the application's cookie is another session beside the one of before.
            .Concat(history.Sent.Where(a => a.Use == RequestUse.Login).Select(a => a.Sent))
            .Order()];
        return new Findings(
            history.Reports.Length,
            [.. history.Reports
                .Select(r => (Report: r, Known: Count(cameBack, r.At)))
                .Where(r => r.Report.Sessions > r.Known)
                .Select(r => (r.Report.At, $"node {r.Report.Node} remembers {r.Report.Sessions} sessions, and only {r.Known} had ever sent their cookie back", (string?)null))]);
    }

    private static int Count(double[] sorted, double at)
    {
        int index = Array.BinarySearch(sorted, at);
        return index < 0 ? ~index : index + 1;
    }
}
