using ActorLb.Engine.Balancing;
using ActorLb.Engine.Routing;

namespace ActorLb.Engine.Traffic;

/// <summary>
/// The backends that one request of no session looks at, one after the other, until one takes it: as the pool's policy chooses, and then
/// those listed behind the last one, whom unequal weights may have left out. At most <see cref="Most"/> of each, so that no request
/// costs more the more backends there are: a small pool is seen as a whole, and where that many of a large one are full or
/// not to be reached at a moment, the next request looks at others, and the next snapshot knows better.
/// </summary>
/// <param name="before">The place of one that it has looked at; -1: none.</param>
internal ref struct TurnsOfRequest(PoolSnapshot pool, BalanceKey key, int before = -1)
{
    /// <summary>Turns, and then neighbours. Of a pool of 1,000 where one in twenty could take it, 128 find none once in 700 times.</summary>
    private const int Most = 64;

    private int _turns = Math.Min(Math.Min(pool.Rotation.Length, pool.Backends.Length), Most);
    private int _neighbours = pool.Rotation.Length == 0 ? 0 : Math.Min(pool.Backends.Length, Most);
    private int _place = before;

    public BackendSnapshot Current { get; private set; } = null!;

    public readonly TurnsOfRequest GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_turns > 0)
        {
            _turns--;
            _place = pool.Policy.Next(pool.Cursor, key, _place);
            Current = pool.Backends[_place];
            return true;
        }

        // From the last one on, so that all that are left over have their share.
        while (_neighbours > 0)
        {
            _neighbours--;
            _place = _place + 1 == pool.Backends.Length ? 0 : _place + 1;
            Current = pool.Backends[_place];
            if (Current.TakesNewSessions)
            {
                return true;
            }
        }

        return false;
    }
}
