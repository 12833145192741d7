using ActorLb.Engine;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Events.Sources;

/// <summary>Tickets are signed with another key, at all nodes at about the same time.</summary>
/// <param name="askerOf">Who asked for a key, by its id, where this node has made it; it is the oldest that does, and that says so.</param>
internal sealed class KeySource(DataPlane plane, SharedFacts facts, Func<ushort, string?> askerOf) : IEventSource
{
    private TicketKey? _before;

    public void Look(IEventSink events)
    {
        TicketKeyRing ring = plane.Keys;
        if (ring.IsEmpty)
        {
            return;
        }

        TicketKey? before = _before;
        _before = ring.Keys[0];
        if (before is not null && !before.Equals(_before))
        {
            facts.Offer(new EventNote(EventKind.KeysRotated, $"Tickets are signed with {_before} now; those of {before} are honoured on")
            {
                Data = new { key = $"{_before.Id:x4}", before = $"{before.Id:x4}" },
                Who = askerOf(_before.Id),
            });
        }
    }
}
