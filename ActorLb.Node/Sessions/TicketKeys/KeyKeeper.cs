using System.Runtime.Serialization;
using ActorLb.Engine;
using ActorLb.Node.States;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>
/// Puts a ring in force: into the data plane and onto the disk, for which it does not wait. Used by TicketKeyActor alone, which
/// hears <see cref="KeysSaved"/>.
/// </summary>
internal sealed class KeyKeeper(DataPlane plane, IStateStore store, ILogger logger, IActorRef actor)
{
    private TicketKeyRing _saved = TicketKeyRing.Empty;
    private TicketKeyRing _kept = TicketKeyRing.Empty;
    private bool _failing;

    public TicketKeyRing Load()
    {
        try
        {
            _saved = _kept = store.State(StateNames.TicketKeys) is { } saved ? TicketKeyWire.OfBytes(saved) : TicketKeyRing.Empty;
        }
        catch (SerializationException e)
        {
            Log.KeysUnread(logger, e);
        }

        return _kept;
    }

    /// <summary>Every key of the ring is on disk.</summary>
    public bool Keeps(TicketKeyRing ring)
    {
        if (store.IsKept(StateNames.TicketKeys))
        {
            _kept = _saved;
        }

        return ring.Equals(_kept) || ring.Keys.All(k => _kept.Keys.Contains(k));
    }

    /// <summary>A ring was written, or could not be.</summary>
    public void Told(KeysSaved saved)
    {
        // The store tries again and again: said once, until it works.
        if (saved.Failure is { } failure && !_failing)
        {
            Log.KeysNotKept(logger, failure);
        }

        _failing = saved.Failure is not null;
    }

    public void Take(TicketKeyRing ring)
    {
        if (ring.IsEmpty)
        {
            return;
        }

        TicketKeyRing before = plane.Keys;
        if (!ring.Equals(before))
        {
            plane.Keys = ring;
        }

        if (!before.IsEmpty && !before.Keys[0].Equals(ring.Keys[0]))
        {
            plane.SessionCounters.SignerChanged();
            Log.SignerChanged(logger, ring.Keys[0], before.Keys[0]);
        }

        if (!ring.Equals(_saved))
        {
            _saved = ring;
            store.SaveAsync(StateNames.TicketKeys, TicketKeyWire.ToBytes(ring))
                .PipeTo(actor, ActorRefs.NoSender, () => new KeysSaved(null), e => new KeysSaved(e));
        }
    }
}

/// <summary>The ring that was in force is on disk, or is not for this reason. Within a node.</summary>
internal sealed record KeysSaved(Exception? Failure);
