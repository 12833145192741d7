using System.Collections.Immutable;
using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>
/// Invariant 1: while nothing is wrong, a node gives requests without a session to the backends in turn, so that their
/// counts differ by one; over N nodes by N. Requests at the edges of a quiet time may have taken a turn within it, and
/// so may those whose clients left before they knew.
/// </summary>
public sealed class RoundRobinInvariant : IInvariant
{
    /// <summary>
    /// Circuits and slow news from the fault before are over by then, in seconds: a node's circuit closes with its next own probe, and those come every two.
    /// </summary>
    private const double Settle = 2.25;

    /// <summary>
    /// Connections to backends that a node kept over its time without a network are dead, and nobody has said so: a request that meets one is
    /// tried again elsewhere, which is a turn more. They are closed when they were idle for backend-idle-timeout, 4 s.
    /// </summary>
    private const double SettleOfKeptConnections = 4.25;

    public int Number => 1;

    public string Name => "round robin";

    public Findings Check(RunHistory history, SessionWalks walks)
    {
        var broken = new List<(double, string, string?)>();
        long looked = 0;
        Attempt[] unbound = [.. history.Sent.Where(a => a.SessionSent is null || a.Client == ClientKind.Forger)];
        foreach ((double from, double until) in history.QuietTimes(Settle, f => f.Kind == FaultKind.Disconnect ? SettleOfKeptConnections : Settle))
        {
            ImmutableArray<string> backends = history.Backends.LastOrDefault(b => b.At <= from)?.Names ?? [];
            if (backends.IsEmpty || history.Backends.Any(b => b.At > from && b.At < until))
            {
                continue;
            }

            // Whom nobody knows takes a turn as well.
            bool areAllKnown = !history.Attempts.Any(a => a.Overlaps(from, until) && walks.GapOf(a) is not null);
            Attempt[] here = [.. unbound.Where(a => a.Overlaps(from, until))];
            foreach (IGrouping<string, Attempt> pool in here.GroupBy(a => a.Pool).Where(p => areAllKnown || p.Key != LearnedGaps.LearnedPool))
            {
                foreach (IGrouping<string, Attempt> node in pool.GroupBy(a => a.Node))
                {
                    looked += Compare(node, backends, from, until, turns: 1, $"pool {pool.Key} at node {node.Key}", broken);
                }

                Compare(pool, backends, from, until, pool.DistinctBy(a => a.Node).Count(), $"pool {pool.Key} at all nodes together", broken);
            }
        }

        return new Findings(looked, broken);
    }

    private static long Compare(
        IEnumerable<Attempt> attempts,
        ImmutableArray<string> backends,
        double from,
        double until,
        int turns,
        string who,
        List<(double, string, string?)> broken)
    {
        Attempt[] all = [.. attempts];
        Attempt[] inside = [.. all.Where(a => a.Sent >= from && a.Ended <= until && a.Backend is not null)];
        int atTheEdges = all.Length - inside.Length;
        int[] counts = [.. backends.Select(b => inside.Count(a => a.Backend == b))];
        if (counts.Max() - counts.Min() > turns + atTheEdges)
        {
            broken.Add((from, $"{who} answered {string.Join(", ", backends.Zip(counts, (b, c) => $"{c} from {b}"))} between {from:F1} and {until:F1}, with {atTheEdges} requests at the edges", null));
        }

        return inside.Length;
    }
}
