using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Invariant 6: every side of a partition serves; after it there is one cluster again by itself, soon.</summary>
public sealed class PartitionInvariant : IInvariant
{
    /// <summary>From healing to one cluster.</summary>
    public const double OneClusterSecondsMax = 15;

    public int Number => 6;

    public string Name => "partition";

    public Findings Check(RunHistory history, SessionWalks walks)
    {
        FaultSpan[] splits = [.. history.Faults.Where(f => f.Kind.Splits())];
        var broken = new List<(double, string, string?)>();
        foreach (FaultSpan split in splits.Where(s => s.HealedAt is not null && !(s.OneClusterAt - s.HealedAt <= OneClusterSecondsMax)))
        {
            string after = split.OneClusterAt is { } one ? $"only {one - split.HealedAt:F1} s after it" : "never again";
            broken.Add((split.HealedAt!.Value, $"one cluster {after}: {split.Detail}", null));
        }

        broken.AddRange(ServedRequests.Unexcused(history, walks)
            .Where(a => splits.Any(s => s.Touches(a)))
            .Select(a => (a.Sent, $"failed while nodes were cut off: {a}", a.Session)));
        broken.AddRange(TunnelAllowances.Broken(history, walks, Number));
        return new Findings(splits.Sum(s => (long)history.Attempts.Count(s.Touches)), broken);
    }
}
