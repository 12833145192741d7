using System.Collections.Immutable;
using System.Net;

namespace ActorLb.Node.Events.Sources;

/// <summary>Listeners open, close and change their address.</summary>
/// <param name="endpoints">Where each is bound, by its name.</param>
internal sealed class ListenerSource(Func<ImmutableDictionary<string, IPEndPoint>> endpoints) : IEventSource
{
    private ImmutableDictionary<string, IPEndPoint> _before = ImmutableDictionary<string, IPEndPoint>.Empty;

    public void Look(IEventSink events)
    {
        ImmutableDictionary<string, IPEndPoint> now = endpoints();
        foreach ((string name, IPEndPoint address) in _before.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            if (!address.Equals(now.GetValueOrDefault(name)))
            {
                Note(events, EventKind.ListenerClosed, name, address, $"{events.Node} takes no connections any more at listener {name}, {address}");
            }
        }

        foreach ((string name, IPEndPoint address) in now.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            if (!address.Equals(_before.GetValueOrDefault(name)))
            {
                Note(events, EventKind.ListenerOpened, name, address, $"{events.Node} takes connections at listener {name}, {address}");
            }
        }

        _before = now;
    }

    private static void Note(IEventSink events, EventKind kind, string listener, IPEndPoint address, string text) =>
        events.Note(new EventNote(kind, text) { Data = new { listener, address = address.ToString() } });
}
