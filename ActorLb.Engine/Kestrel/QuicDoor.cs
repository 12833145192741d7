using System.Net;
using System.Security.Authentication;
using System.Net.Security;
using ActorLb.Engine.Listeners;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// A UDP port by which the clients of a listener come, of the same number as its TCP port. It stays open from one change of the
/// listener to the next: each connection is the listener's of the moment in which it was let in.
/// </summary>
internal sealed class QuicDoor : IAsyncDisposable
{
    private readonly IMultiplexedConnectionListenerFactory _quic;
    private readonly QuicFeed _feed;
    private readonly OpenConnections _clients;
    private readonly CertificateRefusals _refusals;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile ServedListener _listener;

    /// <param name="ready">The server takes connections.</param>
    public QuicDoor(
        IMultiplexedConnectionListenerFactory quic,
        QuicFeed feed,
        ServedListener listener,
        OpenConnections clients,
        CertificateRefusals refusals,
        Task ready,
        ILogger logger)
    {
        _quic = quic;
        _feed = feed;
        _listener = listener;
        _clients = clients;
        _refusals = refusals;
        _logger = logger;
        _running = RunAsync(ready);
    }

    /// <summary>Whose clients come by it from now on.</summary>
    public ServedListener Listener
    {
        get => _listener;
        set => _listener = value;
    }

    /// <summary>Complete when nobody comes by it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(Task ready)
    {
        IPEndPoint endpoint = _listener.Socket.Local;
        try
        {
            await ready.WaitAsync(_stop.Token);
            var features = new FeatureCollection();
            features.Set(new TlsConnectionCallbackOptions
            {
                ApplicationProtocols = [SslApplicationProtocol.Http3],
                OnConnection = (context, _) => new(HandshakeOf(_listener, context)),
            });
            await using IMultiplexedConnectionListener accepting = await _quic.BindAsync(endpoint, features, _stop.Token);
            while (await accepting.AcceptAsync(cancellationToken: _stop.Token) is { } connection)
            {
                Take(connection);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The port closes.
        }
        catch (Exception e)
        {
            Log.Http3NotServed(_logger, e, _listener.Settings.Name, endpoint);
        }
    }

    private SslServerAuthenticationOptions HandshakeOf(ServedListener listener, TlsConnectionCallbackContext context) =>
        listener.Tls!.QuicOptionsFor(context.ClientHelloInfo.ServerName, why => _refusals.Tell(listener, context.Connection.RemoteEndPoint, why));

    private void Take(MultiplexedConnectionContext connection)
    {
        ServedListener listener = _listener;
        IPAddress client = PeerAddress.Of(connection);
        if (!_clients.TryAdmit(listener, client))
        {
            End(connection);
            return;
        }

        var admitted = new Admitted(_clients, listener, client) { Tls = SslProtocols.Tls13 };
        connection.Features.Set(admitted);
        if (!_feed.TryGive(connection))
        {
            admitted.Dispose();
            End(connection);
        }
    }

    private static void End(MultiplexedConnectionContext connection)
    {
        connection.Abort();
        _ = connection.DisposeAsync().AsTask();
    }
}
