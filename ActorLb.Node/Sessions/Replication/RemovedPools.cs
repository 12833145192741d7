using ActorLb.Node.Routing;

namespace ActorLb.Node.Sessions.Replication;

/// <summary>
/// Which pools are gone whose sessions are still to expire. Written by RemovedPoolsActor alone, and kept beside it: nobody else
/// knows any more what was there.
/// </summary>
internal sealed class RemovedPools
{
    /// <summary>Of the pools that there are, by their names.</summary>
    public Dictionary<string, TimeSpan> IdleTimeouts { get; } = new(StringComparer.Ordinal);

    /// <summary>By their names.</summary>
    public Dictionary<string, RemovedPool> Removed { get; } = new(StringComparer.Ordinal);

    /// <summary>What the other nodes have.</summary>
    public ToldBackends Told { get; set; } = ToldBackends.None;
}

/// <param name="At">The second of its removal.</param>
internal sealed record RemovedPool(TimeSpan IdleTimeout, uint At)
{
    public uint HorizonAt(uint now) => SessionBounds.HorizonAt(now, IdleTimeout);
}
