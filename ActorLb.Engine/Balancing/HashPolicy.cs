using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Balancing;

/// <summary>
/// The same backend for the same key, at every node: weighted rendezvous hashing (as <see cref="Rendezvous"/>, with 32 bits for each
/// pair of key and backend, of which a processor compares several at a time). Who goes takes no keys with him but his own,
/// and gets just them when he comes back. A request without a key takes a turn.
/// </summary>
internal sealed class HashPolicy : BalancePolicy
{
    private readonly Rotation _rotation;
    private readonly int[] _places;
    private readonly HashRanks _ranks;

    public HashPolicy(Rotation rotation, Candidate[] candidates)
    {
        // Whatever the order in the pool: of two that rank alike for a key, the first has it.
        Candidate[] ordered = [.. candidates.OrderBy(c => c.Weight).ThenBy(c => c.Key)];
        _rotation = rotation;
        _places = [.. ordered.Select(c => c.Place)];
        _ranks = new HashRanks(ordered);
    }

    public override bool GoesByKey => true;

    public override int Next(RotationCursor cursor, BalanceKey key, int before)
    {
        if (key.IsNone)
        {
            return _rotation.Next(cursor);
        }

        uint hash = (uint)(key.Value ^ (key.Value >> 32));
        int last = before < 0 ? -1 : Array.IndexOf(_places, before);
        return _places[last < 0 ? _ranks.First(hash) : _ranks.Behind(hash, last)];
    }
}
