namespace ActorLb.Bench.Partitions;

/// <summary>What happens in one trial.</summary>
/// <param name="Seconds">How long the cut lasts.</param>
/// <param name="DyingBackend">The backend that is killed in the middle of the cut, and started again when all is equal; null for none.</param>
internal sealed record TrialPlan(int Nodes, Cut Cut, int Seconds, int? DyingBackend)
{
    /// <summary>A backend needs some of the cut to be noticed as dead in it.</summary>
    private const int SecondsWithDeathMin = 7;

    /// <summary>A stopped process is removed by the others after six to eight seconds.</summary>
    private const int PauseSeconds = 15;

    /// <summary>The trials of a run, those with the same number of nodes together.</summary>
    /// <param name="only">The kind of all cuts; null for all kinds.</param>
    public static IEnumerable<TrialPlan> Draw(
        int trials, (int Min, int Max) nodeCounts, (int Min, int Max) lengths, CutKind? only, Random random)
    {
        (int nodesMin, int nodesMax) = nodeCounts;
        int counts = nodesMax - nodesMin + 1;
        for (int i = 0; i < counts; i++)
        {
            int nodes = nodesMin + i;
            int share = (trials * (i + 1) / counts) - (trials * i / counts);
            foreach (Cut cut in Decks(nodes, random).Where(c => only is null || c.Kind == only).Take(share))
            {
                int seconds = cut.Kind == CutKind.Pause ? PauseSeconds : random.Next(lengths.Min, lengths.Max + 1);
                bool backendDies = seconds >= SecondsWithDeathMin && random.Next(3) == 0;
                yield return new TrialPlan(nodes, cut, seconds, backendDies ? random.Next(Laboratory.Backends) : null);
            }
        }
    }

    public override string ToString() =>
        $"{Nodes} nodes, {Cut}, {Seconds} s{(DyingBackend is { } backend ? $", {Laboratory.BackendName(backend)} dies" : "")}";

    private static IEnumerable<Cut> Decks(int nodes, Random random)
    {
        while (true)
        {
            foreach (Cut cut in Cut.Deck(nodes, random))
            {
                yield return cut;
            }
        }
    }
}
