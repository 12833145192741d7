using ActorLb.Node.Sessions.Ownership;

namespace ActorLb.Node.Sessions.Feed;

/// <summary>
/// How many owners of each shard live on this node. Counted by the SessionRelayActor, and kept beside it: owners tell only once that
/// they are there.
/// </summary>
internal sealed class OwnersHere
{
    private readonly int[] _living = new int[SessionBounds.Shards];

    /// <summary>The shards that have some, by their bits.</summary>
    public ulong Shards { get; private set; }

    /// <returns>Whether there are other shards now.</returns>
    public bool Count(OwnerLives owner)
    {
        _living[owner.Shard] += owner.Begins ? 1 : -1;
        ulong bit = 1UL << owner.Shard;
        ulong before = Shards;
        Shards = _living[owner.Shard] > 0 ? Shards | bit : Shards & ~bit;
        return Shards != before;
    }
}
