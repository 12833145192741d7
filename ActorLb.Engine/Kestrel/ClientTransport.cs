using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Runtime.CompilerServices;
using ActorLb.Engine.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The bytes of a client's connection: TLS, or what the server's transport has received and the socket itself. One read and
/// one write may be under way at the same time.
/// </summary>
internal sealed class ClientTransport
{
    /// <summary>What <see cref="ReadAsync"/> returns where the connection broke instead of ending.</summary>
    public const int Broken = -1;

    /// <summary>The same where the read was stopped. It may be tried again.</summary>
    public const int Stopped = -2;

    private readonly ConnectionContext _connection;
    private readonly PipeReader _received;
    private readonly SslStream? _tls;
    private readonly Socket? _socket;

    public ClientTransport(ConnectionContext connection)
    {
        _connection = connection;
        _received = connection.Transport.Input;
        _tls = connection.Features.Get<ISslStreamFeature>()?.SslStream;
        _socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
    }

    /// <summary>Fires when either side has ended the connection, or the client its half.</summary>
    public CancellationToken Ended => _connection.ConnectionClosed;

    /// <summary>After <see cref="Ended"/>: both halves are gone, and nobody waits for an answer.</summary>
    public bool IsGone => _socket is not null && TcpFigures.IsClosed(_socket);

    /// <summary>Bytes that the client's system has confirmed; null where ours does not tell.</summary>
    public long? BytesReceived => _socket is null ? null : TcpFigures.AckedOf(_socket);

    /// <summary>Bytes that were read, 0 at the end, <see cref="Broken"/> or <see cref="Stopped"/>. An empty buffer waits for bytes and takes none.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop)
    {
        try
        {
            if (_tls is not null)
            {
                return await _tls.ReadAsync(buffer, stop).ConfigureAwait(false);
            }

            ReadResult read = await _received.ReadAsync(stop).ConfigureAwait(false);
            int count = (int)Math.Min(read.Buffer.Length, buffer.Length);
            ReadOnlySequence<byte> bytes = read.Buffer.Slice(0, count);
            bytes.CopyTo(buffer.Span);
            _received.AdvanceTo(bytes.End);
            return count;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Stopped;
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            return Broken;
        }
    }

    /// <summary>False where the connection broke.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (_tls is not null)
            {
                await _tls.WriteAsync(bytes).ConfigureAwait(false);

                // Behind TLS the transport takes bytes also for a client that has left.
                return !(Ended.IsCancellationRequested && IsGone);
            }

            if (_socket is null)
            {
                return !(await _connection.Transport.Output.WriteAsync(bytes).ConfigureAwait(false)).IsCompleted;
            }

            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
            }

            return true;
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            return false;
        }
    }

    /// <summary>Says that nothing more comes from our side. After everything was written.</summary>
    public async ValueTask EndSendingAsync()
    {
        try
        {
            if (_tls is not null)
            {
                await _tls.ShutdownAsync().ConfigureAwait(false);
            }
            else
            {
                _socket?.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            // It is gone: whoever reads finds that out.
        }
    }

    /// <summary>Resets the connection. Any thread.</summary>
    public void Abort() => _connection.Abort();

    // A connection that is ended by another thread says so in several ways.
    private static bool IsOfTheNetwork(Exception e) =>
        e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException or CryptographicException;
}
