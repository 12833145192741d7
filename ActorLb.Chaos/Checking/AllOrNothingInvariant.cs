using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>
/// Invariant 12: what has a mistake changes nothing, anywhere, and is told; what has none is in force everywhere, and
/// whatever was killed meanwhile, all nodes run the same in the end.
/// </summary>
public sealed class AllOrNothingInvariant : IInvariant
{
    public int Number => 12;

    public string Name => "all or nothing";

    public Findings Check(RunHistory history, SessionWalks walks)
    {
        var broken = new List<(double, string, string?)>();
        foreach (Change change in history.Changes)
        {
            string? why = change.IsBad ? WhyTaken(change) ?? WhySeen(change, history) : WhyNotDone(change);
            if (why is not null)
            {
                broken.Add((change.Answered, $"{why}: {change}", null));
            }
        }

        broken.AddRange(OldCertificates(history).Select(a => (a.Sent, $"a handshake showed an old certificate, {a.Certificate}: {a}", a.Session)));
        return new Findings(history.Changes.Length + history.Attempts.Count(a => a.Certificate is not null), broken);
    }

    private static string? WhyTaken(Change change) =>
        change.IsDone ? "what must be refused was taken"
        : !change.ChangedNothing ? "what was refused changed something"
        : change.Mistakes.IsEmpty ? "what was refused was refused without a reason"
        : null;

    // Between question and answer as well: nodes must not go over to it and back.
    private static string? WhySeen(Change change, RunHistory history) => history.Reports
        .Where(r => r.AskedAt > change.Asked && r.At <= change.Answered && r.Drift is not null)
        .Where(r => change.Before.Any(b => b.Node == r.Node && b.Fingerprint != r.Drift!.Fingerprint))
        .Select(r => $"{r.Node} ran {r.Drift!.Fingerprint} for a while, for what was refused")
        .FirstOrDefault();

    private static string? WhyNotDone(Change change) =>
        change.After.DistinctBy(a => (a.Fingerprint, a.Revision)).Count() > 1 ? "the nodes do not run the same"
        : change.Killed is not null ? (!change.IsDone && IsRefusal(change) && !change.ChangedNothing ? "what was refused changed something" : null)
        : !change.IsDone ? "what is good was not taken"
        : null;

    private static bool IsRefusal(Change change) => change.Outcome is "no-majority" or "busy" or "impossible";

    // From the answer on until somebody asks for the next one: then nobody knows which is shown.
    private static IEnumerable<Attempt> OldCertificates(RunHistory history)
    {
        Change[] renewals = [.. history.Changes.Where(c => c is { IsDone: true, Certificate: not null })];
        Attempt[] handshakes = [.. history.Attempts.Where(a => a.Certificate is not null)];
        foreach ((int i, Change renewal) in renewals.Index())
        {
            double until = i + 1 < renewals.Length ? renewals[i + 1].Asked : history.Facts.Seconds;
            foreach (Attempt attempt in handshakes.Where(a => a.Certificate != renewal.Certificate && a.Sent > renewal.Answered && a.Ended < until))
            {
                yield return attempt;
            }
        }
    }
}
