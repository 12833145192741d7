using ActorLb.Engine.Backends;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// An exchange's connection to its backend: one that was kept, or a new one to whichever of its addresses takes it. Tells
/// its exchange when it is there, or why there is none. Used again with it.
/// </summary>
internal sealed class BackendDial(Exchange exchange)
{
    // Where it may be reached, and which of these is tried.
    private BackendHost _host = null!;
    private IPEndPoint[] _addresses = [];
    private int _addressAt;
    private long _dialedAt;

    /// <summary>Also while it is connecting.</summary>
    public BackendConnection? Connection { get; private set; }

    private LaneLoop Loop => exchange.Loop;

    private LaneParts Lane => exchange.Lane;

    public void Begin(BackendSnapshot backend)
    {
        ProxyHeaderVersion header = exchange.Facts.Assignment.Pool.Settings.ProxyProtocol;
        BackendConnection? own = exchange.Client.TakeOwned(backend, header);
        if ((own ?? (header == ProxyHeaderVersion.Off ? Loop.Backends.Take(backend, RequestLife.IsRepeatable(exchange.Facts)) : null)) is { } kept)
        {
            kept.Exchange = exchange;
            Connection = kept;
            exchange.Forward(kept);
        }
        else if (backend.Address.Scheme == Uri.UriSchemeHttps)
        {
            // Its request began before the listener went over to the other lane.
            exchange.Fail(FailureReason.BackendConnectFailed, new NotSupportedException("the event loops speak no TLS"));
        }
        else
        {
            _dialedAt = Lane.Plane.Time.GetTimestamp();
            _host = Lane.Addresses.Of(backend.Address);
            if (_host.Addresses is { Length: > 0 } addresses)
            {
                Try(backend, addresses);
            }
            else
            {
                exchange.SetTimer(Loop.Limits.ConnectTimeout);
                _ = LookUpAsync(backend);
            }
        }
    }

    /// <summary>The connection that was begun is there, or has failed.</summary>
    /// <param name="error">0, or an error's number, negated.</param>
    public void OnConnected(int error)
    {
        if (error != 0)
        {
            Close();
            ConnectFailed(exchange.Facts.Assignment.Backend!, -error);
        }
        else
        {
            Lane.Life.Measured.Connected(exchange.Facts, _dialedAt);
            BackendConnection connection = Connection!;
            if (connection.Look() == Unread.Bytes)
            {
                exchange.Fail(FailureReason.BackendBadResponse, fault: MessageFault.AnswerUnasked);
            }
            else
            {
                exchange.Forward(connection);
            }
        }
    }

    /// <summary>Keeps the connection for others, or for the client whose own it is: the exchange is done with it.</summary>
    public void Keep()
    {
        BackendConnection connection = Connection!;
        Connection = null;
        if (connection.Owner is { } client)
        {
            client.Keep(connection);
        }
        else
        {
            PoolSettings pool = exchange.Facts.Assignment.Pool.Settings;
            Loop.Backends.Keep(connection, exchange.Facts.Assignment.Backend!.Traffic, pool.BackendIdleTimeout ?? Loop.Limits.BackendIdleTimeout);
        }
    }

    /// <summary>Closes the connection, if there is one.</summary>
    public void Close()
    {
        if (Connection is { } connection)
        {
            Connection = null;
            connection.Exchange = null;
            connection.Close();
        }
    }

    private async Task LookUpAsync(BackendSnapshot backend)
    {
        int attempt = exchange.AttemptNumber;
        IPEndPoint[] addresses = await Lane.Addresses.FindAsync(_host).ConfigureAwait(false);
        exchange.Post(attempt, () =>
        {
            if (addresses.Length == 0)
            {
                exchange.Fail(FailureReason.BackendConnectFailed, new SocketException((int)SocketError.HostNotFound));
            }
            else
            {
                Try(backend, addresses);
            }
        });
    }

    private void Try(BackendSnapshot backend, IPEndPoint[] addresses)
    {
        _addresses = addresses;
        _addressAt = 0;
        Connect(backend, addresses[0]);
    }

    private void Connect(BackendSnapshot backend, IPEndPoint address)
    {
        int socket = Loop.Events.Sockets.Connect(address);
        if (socket < 0)
        {
            ConnectFailed(backend, -socket);
            return;
        }

        Connection = Loop.Backends.New(backend, _host, address);
        Connection.Exchange = exchange;
        Loop.Events.Register(Connection, socket);
        exchange.SetTimer(Loop.Limits.ConnectTimeout);
    }

    /// <param name="error">Its number.</param>
    private void ConnectFailed(BackendSnapshot backend, int error)
    {
        if (++_addressAt < _addresses.Length)
        {
            Connect(backend, _addresses[_addressAt]);
        }
        else
        {
            exchange.Fail(
                ConnectFault.IsOurOwn(error) ? FailureReason.OutOfSockets : FailureReason.BackendConnectFailed, new Win32Exception(error));
        }
    }
}
