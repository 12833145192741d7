using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Balancing;

/// <summary>
/// Of the one whose turn it is and another one by chance, the one with fewer requests for its weight (Mitzenmacher 2001: two
/// choices do nearly as well as all). Several nodes that see the same do not all run to the same backend.
/// </summary>
internal sealed class PowerOfTwoPolicy(Rotation rotation, CandidateLoads loads) : BalancePolicy
{
    public override int Next(RotationCursor cursor, BalanceKey key, int before)
    {
        ulong turn = cursor.Next();
        int place = rotation.At(turn);
        int own = loads.IndexOf(place);
        long ownLoad = loads.Of(own);
        if (before >= 0 || ownLoad == 0 || loads.Count == 1)
        {
            return place;
        }

        // Any but the first.
        int other = own + 1 + (int)(((Rendezvous.Mix(turn) >> 32) * (ulong)(loads.Count - 1)) >> 32);
        other = other < loads.Count ? other : other - loads.Count;
        return loads.IsLess(other, loads.Of(other), own, ownLoad) ? loads.PlaceOf(other) : place;
    }
}
