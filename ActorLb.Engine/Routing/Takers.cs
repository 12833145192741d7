namespace ActorLb.Engine.Routing;

/// <summary>Which of a pool's eligible backends take new sessions: the first of these that are there.</summary>
internal enum Takers
{
    /// <summary>Those that are no backups and not ejected.</summary>
    Reached,

    /// <summary>Backups that are not ejected.</summary>
    Backups,

    /// <summary>
    /// Those that are no backups, with their circuits open: where nobody else is left, a circuit would only turn a part of the failures
    /// that this node sees into a whole outage.
    /// </summary>
    Ejected,

    /// <summary>Backups with their circuits open.</summary>
    EjectedBackups,
}
