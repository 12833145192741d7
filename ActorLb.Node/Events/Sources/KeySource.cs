using ActorLb.Engine;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Events.Sources;

/// <summary>Tickets are signed with another key, at all nodes at about the same time.</summary>
internal sealed class KeySource(DataPlane plane, SharedFacts facts) : IEventSource
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
            });
        }
    }
}
