namespace ActorLb.Node.Sessions.Replication;

/// <summary>
/// When to ask distributed data for its keys: after replicas began, for some rounds, since one that was just read
/// from the wire is not stored yet; and now and then in any case. Pure.
/// </summary>
/// <param name="Made">Replicas that had begun at the last round.</param>
/// <param name="Rounds">Rounds since then.</param>
internal readonly record struct KeySearchState(long Made, int Rounds)
{
    /// <summary>Two seconds at ten rounds per second: far longer than a message takes from being read to being stored.</summary>
    private const int RoundsAfterChange = 20;

    /// <summary>Ten seconds.</summary>
    private const int RoundsInAnyCase = 100;

    public static readonly KeySearchState Initial = new(0, 0);

    /// <param name="made">Replicas that have begun until now.</param>
    public (KeySearchState Next, bool Search) Round(long made)
    {
        var next = new KeySearchState(made, made == Made ? Rounds + 1 : 0);
        return (next, next.Rounds < RoundsAfterChange || next.Rounds % RoundsInAnyCase == 0);
    }
}
