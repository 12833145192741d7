using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Balancing;

/// <summary>
/// The one with the fewest requests for its weight; where several have as few, the one whose turn it is, so that a node with little
/// to do goes round. Of many candidates it looks at some, begun anywhere: among 32 there is nearly always one of the least.
/// </summary>
internal sealed class LeastRequestsPolicy(Rotation rotation, CandidateLoads loads) : BalancePolicy
{
    /// <summary>Candidates that one request looks at.</summary>
    public const int LookedAtMax = 32;

    private readonly int _looks = Math.Min(loads.Count, LookedAtMax);

    public override int Next(RotationCursor cursor, BalanceKey key, int before)
    {
        ulong turn = cursor.Next();
        int place = rotation.At(turn);
        int own = loads.IndexOf(place);
        long ownLoad = loads.Of(own);
        if (before >= 0 || ownLoad == 0)
        {
            return place;
        }

        int least = -1;
        long leastLoad = 0;
        int at = (int)(((Rendezvous.Mix(turn) >> 32) * (ulong)loads.Count) >> 32);
        for (int looked = 0; looked < _looks; looked++)
        {
            long load = loads.Of(at);
            if (least < 0 || loads.IsLeft(at, load, least, leastLoad))
            {
                least = at;
                leastLoad = load;
            }

            at = at + 1 == loads.Count ? 0 : at + 1;
        }

        return loads.IsLess(least, leastLoad, own, ownLoad) ? loads.PlaceOf(least) : place;
    }
}
