using System.Runtime.Serialization;
using ActorLb.Engine;
using ActorLb.Node.Storage;
using ActorLb.Shared.Sessions;
using Akka.Event;

namespace ActorLb.Node.Affinity.TicketKeys;

/// <summary>Puts a ring in force: into the data plane and onto the disk. Used by TicketKeyActor alone.</summary>
internal sealed class KeyKeeper(DataPlane plane, IStateStore store, ILoggingAdapter log)
{
    private TicketKeyRing _kept = TicketKeyRing.Empty;
    private bool _failing;

    public TicketKeyRing Load()
    {
        try
        {
            _kept = store.State(StateCells.TicketKeys) is { } saved ? TicketKeyWire.OfBytes(saved) : TicketKeyRing.Empty;
        }
        catch (SerializationException e)
        {
            log.Error(e, "the ticket keys cannot be read");
        }

        return _kept;
    }

    /// <summary>Every key of the ring is on disk.</summary>
    public bool Keeps(TicketKeyRing ring) => ring.Equals(_kept) || ring.Keys.All(k => _kept.Keys.Contains(k));

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
            plane.AffinityCounters.SignerChanged();
            log.Info("tickets are signed with {0} from now on, before with {1}", ring.Keys[0], before.Keys[0]);
        }

        if (!ring.Equals(_kept))
        {
            Save(ring);
        }
    }

    private void Save(TicketKeyRing ring)
    {
        try
        {
            store.SaveState(StateCells.TicketKeys, TicketKeyWire.ToBytes(ring));
            _kept = ring;
            _failing = false;
        }
        catch (IOException e)
        {
            // It is tried again every second: said once, until it works.
            if (!_failing)
            {
                log.Error(e, "the ticket keys could not be kept; after a restart of all nodes their tickets will not be known");
                _failing = true;
            }
        }
    }
}
