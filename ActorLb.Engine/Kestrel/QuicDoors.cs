using ActorLb.Engine.Listeners;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Kestrel;

/// <summary>The ports by which clients come by QUIC, one for each listener with HTTP/3. One thread at a time.</summary>
/// <param name="quic">Null: this machine has no QUIC.</param>
/// <param name="ready">The server takes connections.</param>
internal sealed class QuicDoors(
    IMultiplexedConnectionListenerFactory? quic, QuicFeed feed, OpenConnections clients, CertificateRefusals refusals, Task ready, ILogger logger)
{
    private readonly Dictionary<ListenSocket, QuicDoor> _doors = [];

    public void Open(ServedListener listener)
    {
        if (listener.Settings.Http3 is null)
        {
            return;
        }

        if (quic is null)
        {
            Log.Http3Missing(logger, listener.Settings.Name, QuicSupport.Missing);
        }
        else if (_doors.TryGetValue(listener.Socket, out QuicDoor? door))
        {
            door.Listener = listener;
        }
        else
        {
            _doors.Add(listener.Socket, new QuicDoor(quic, feed, listener, clients, refusals, ready, logger));
        }
    }

    /// <summary>Complete when nobody comes to this listener by QUIC any more.</summary>
    public ValueTask CloseAsync(ServedListener listener)
    {
        if (!_doors.TryGetValue(listener.Socket, out QuicDoor? door) || door.Listener != listener)
        {
            return default;
        }

        _doors.Remove(listener.Socket);
        return door.DisposeAsync();
    }
}
