using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Listeners;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Kestrel;

/// <summary>Accepts the clients of one listener for the server, until it is stopped. Its socket stays open.</summary>
internal sealed class SocketAcceptor : IAsyncDisposable
{
    /// <summary>Without descriptors or memory nobody can be taken in, and the next would fail at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ServedListener _listener;
    private readonly SocketConnectionContextFactory _connections;
    private readonly ConnectionFeed _feed;
    private readonly OpenConnections _clients;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="ready">Complete when the server takes connections.</param>
    public SocketAcceptor(
        ServedListener listener,
        SocketConnectionContextFactory connections,
        ConnectionFeed feed,
        OpenConnections clients,
        Task ready,
        TimeProvider time,
        ILogger logger)
    {
        _listener = listener;
        _connections = connections;
        _feed = feed;
        _clients = clients;
        _time = time;
        _logger = logger;
        _running = RunAsync(ready);
    }

    public ServedListener Listener => _listener;

    /// <summary>Complete when nothing is accepted any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>Nobody serves the connection.</summary>
    public static void End(ConnectionContext connection)
    {
        connection.Features.Get<Admitted>()?.Dispose();
        connection.Abort();
        _ = connection.DisposeAsync().AsTask();
    }

    private async Task RunAsync(Task ready)
    {
        try
        {
            await ready.WaitAsync(_stop.Token);
            while (await AcceptAsync())
            {
            }
        }
        catch (OperationCanceledException)
        {
            // It was stopped before the server was there.
        }
        catch (Exception e)
        {
            Log.ListenerAcceptsNoMore(_logger, e, _listener.Settings.Name);
        }
    }

    /// <summary>Takes the next client; false where there will be none.</summary>
    private async Task<bool> AcceptAsync()
    {
        try
        {
            Take(await _listener.Socket.Socket.AcceptAsync(_stop.Token));
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Another accepts from now on, or nobody.
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
        {
            // It was gone before it was accepted.
            return true;
        }
        catch (SocketException)
        {
            await Task.Delay(Pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return !_stop.IsCancellationRequested;
        }
    }

    // Whoever is not let in has a descriptor no longer than it takes to say so: clients may come faster than the server takes them.
    private void Take(Socket socket)
    {
        Admitted? admitted = null;
        ConnectionContext? connection = null;
        try
        {
            IPAddress client = (socket.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
            if (!_clients.TryAdmit(_listener, client))
            {
                socket.Dispose();
                return;
            }

            _listener.Socket.LetIn(socket.Handle);
            admitted = new Admitted(_clients, _listener, client);
            socket.NoDelay = true;
            connection = _connections.Create(socket);
            connection.Features.Set(admitted);
            if (!_feed.TryGive(connection))
            {
                End(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It broke before anybody could serve it.
            if (connection is null)
            {
                socket.Dispose();
                admitted?.Dispose();
            }
        }
    }
}
