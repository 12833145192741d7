using ActorLb.Chaos.Chance;
using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Faults;

/// <summary>One fault to come. Who is hit is a number, taken modulo those that there are.</summary>
/// <param name="Seconds">How long it lasts.</param>
/// <param name="Order">The nodes in the order in which they are dealt to sides; the first is the one that is hit.</param>
/// <param name="SideCount">For those that split: into how many.</param>
/// <param name="Chance">For packet loss the share that is lost; otherwise for what else is left to chance. 0 to 1.</param>
internal sealed record FaultPlan(FaultKind Kind, double Seconds, int[] Order, int Backend, int SideCount, double Chance)
{
    /// <summary>Faults without an end: every kind once, in random order, then again in another.</summary>
    public static IEnumerable<FaultPlan> Decks(IReadOnlyList<FaultKind> kinds, int nodes, int backends, int seed)
    {
        for (int deck = 0; ; deck++)
        {
            Random random = Seeds.Random(seed, 0, deck);
            FaultKind[] shuffled = [.. kinds];
            random.Shuffle(shuffled);
            foreach (FaultKind kind in shuffled)
            {
                yield return Draw(kind, nodes, backends, random);
            }
        }
    }

    /// <summary>One fault of a kind.</summary>
    public static FaultPlan Draw(FaultKind kind, int nodes, int backends, Random random)
    {
        int[] order = [.. Enumerable.Range(0, nodes)];
        random.Shuffle(order);
        (int min, int max) = Length(kind);
        return new FaultPlan(
            kind,
            min + (random.NextDouble() * (max - min)),
            order,
            random.Next(backends),
            SideCount: random.Next(4) == 0 ? 3 : 2,
            random.NextDouble());
    }

    // From shorter than anybody notices to long after everybody decided.
    private static (int Min, int Max) Length(FaultKind kind) => kind switch
    {
        FaultKind.PauseNode or FaultKind.PauseBackend => (1, 20),
        FaultKind.CutPair or FaultKind.CutSides or FaultKind.FlapSides or FaultKind.CutOneWay or FaultKind.Disconnect => (3, 20),
        FaultKind.LosePackets => (5, 15),
        FaultKind.KillNode => (0, 12),
        FaultKind.KillAllNodes or FaultKind.StopAll or FaultKind.RollingRestart => (0, 3),
        FaultKind.ScaleNodes or FaultKind.ScaleBackends => (4, 6),
        FaultKind.ClockJump => (5, 8),
        FaultKind.Reload or FaultKind.BadReload or FaultKind.AddRemove or FaultKind.Weights or FaultKind.Apply => (4, 8),
        FaultKind.BadApply => (3, 5),
        FaultKind.DrainMove => (0, 3),
        _ => (3, 12),
    };
}
