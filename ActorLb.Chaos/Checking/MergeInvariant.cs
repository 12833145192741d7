using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Invariant 7: after every fault all nodes have the same bindings, and no session is answered from two homes.</summary>
public sealed class MergeInvariant : IInvariant
{
    public int Number => 7;

    public string Name => "merge";

    public Findings Check(RunHistory history, SessionWalks walks)
    {
        var broken = new List<(double, string, string?)>();
        broken.AddRange(history.Faults
            .Where(f => f is { EqualAt: null, WholeAt: not null })
            .Select(f => (f.Until, $"the nodes never counted the same sessions again: {f.Detail}", (string?)null)));
        long looked = history.Faults.Length;
        foreach ((double from, double until) in history.QuietTimes(SessionWalks.SidesAgreeSeconds))
        {
            foreach (string session in walks.Sessions)
            {
                string[] homes = [.. walks.RequestsOf(session)
                    .Where(a => a.Succeeded && a.Backend is not null && a.Sent >= from && a.Ended <= until && walks.GapOf(a) is null)
                    .Select(a => a.Backend!)
                    .Distinct()];
                looked += homes.Length;
                if (homes.Length > 1)
                {
                    broken.Add((from, $"while nothing was wrong ({from:F1} to {until:F1}) the session was answered by {string.Join(" and ", homes)}", session));
                }
            }
        }

        return new Findings(looked, broken);
    }
}
