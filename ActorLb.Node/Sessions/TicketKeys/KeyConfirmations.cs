using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>
/// Tells leaders that this node holds their ring, and tells those once more who heard that it is not on disk yet. Used by
/// TicketKeyActor alone.
/// </summary>
internal sealed class KeyConfirmations(KeyKeeper keeper, int uid, IActorRef self)
{
    private readonly HashSet<IActorRef> _awaiting = [];

    /// <param name="ring">In distributed data already: who joins after this key signs must find it at whomever it asks.</param>
    public void Tell(IActorRef leader, TicketKeyRing ring)
    {
        keeper.Take(ring);
        bool keeps = keeper.Keeps(ring);
        leader.Tell(TicketKeysHeld.Of(uid, keeps, ring), self);
        if (!keeps)
        {
            _awaiting.Add(leader);
        }
    }

    public void Saved(KeysSaved saved, TicketKeyRing ring)
    {
        keeper.Told(saved);
        if (keeper.Keeps(ring))
        {
            foreach (IActorRef leader in _awaiting)
            {
                leader.Tell(TicketKeysHeld.Of(uid, true, ring), self);
            }

            _awaiting.Clear();
        }
    }
}
