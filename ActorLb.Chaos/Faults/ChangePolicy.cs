using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Faults;

/// <summary>Which kind of change comes next, where so many changes are to be made: a third of them bad, of all kinds about as many.</summary>
internal static class ChangePolicy
{
    private const int OneBadOf = 3;

    /// <param name="kinds">Changes only, one at least.</param>
    /// <param name="made">So far.</param>
    public static FaultKind Next(IReadOnlyList<FaultKind> kinds, IReadOnlyCollection<Change> made)
    {
        bool isBad = made.Count(c => c.IsBad) * OneBadOf < made.Count;
        FaultKind[] wanted = [.. kinds.Where(k => k.IsRefused() == isBad)];
        return (wanted.Length == 0 ? kinds : wanted).MinBy(k => made.Count(c => c.Kind == k));
    }
}
