using ActorLb.Engine;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events.Sources;

/// <summary>This node's own circuits open, eject and close.</summary>
internal sealed class CircuitSource(DataPlane plane) : IEventSource
{
    private readonly Dictionary<BackendName, (OpenedCircuit Circuit, EventId Event)> _open = [];

    public void Look(IEventSink events)
    {
        foreach (BackendName backend in plane.Traffic.Keys)
        {
            OpenedCircuit? now = plane.Traffic.TryGetValue(backend, out BackendTraffic? traffic) ? traffic.Circuit : null;
            bool wasOpen = _open.TryGetValue(backend, out (OpenedCircuit Circuit, EventId Event) before);
            if (now is not null && (!wasOpen || now.Reason != before.Circuit.Reason || now.Ejects != before.Circuit.Ejects))
            {
                _open[backend] = (now, Opened(events, backend, now).Id);
            }
            else if (now is null && wasOpen)
            {
                _open.Remove(backend);
                Closed(events, backend, before.Event);
            }
        }

        foreach (BackendName gone in _open.Keys.Where(b => !plane.Traffic.TryGetValue(b, out _)).ToArray())
        {
            _open.Remove(gone);
        }
    }

    private static NodeEvent Opened(IEventSink events, BackendName backend, OpenedCircuit circuit)
    {
        string what = circuit.Ejects
            ? $"it gets no new sessions of this node {CircuitWords.Until(circuit)}"
            : "it gets new sessions all the same, because as many of its pool as may be are ejected";
        return events.Note(new EventNote(EventKind.CircuitOpened, $"The circuit of {events.Node} to {backend} opened ({CircuitWords.Of(circuit.Reason)}): {what}")
        {
            Pool = backend.Pool,
            Backend = backend.Id,
            Data = new { reason = CircuitWords.Label(circuit.Reason), ejects = circuit.Ejects, atLeastSeconds = circuit.AtLeast.TotalSeconds },
        });
    }

    private static void Closed(IEventSink events, BackendName backend, EventId opened) => events.Note(
        new EventNote(EventKind.CircuitClosed, $"The circuit of {events.Node} to {backend} closed: probes pass")
        {
            Pool = backend.Pool,
            Backend = backend.Id,
            Cause = opened,
        });
}
