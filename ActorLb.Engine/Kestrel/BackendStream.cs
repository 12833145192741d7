using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// A connection to one backend as a stream: a socket, or TLS over it. In use by one exchange, or kept for the next. One
/// read and one write may be under way at the same time; closing ends both.
/// </summary>
/// <param name="host">Where it leads.</param>
/// <param name="address">The one of the host's addresses that took it.</param>
/// <param name="diesAt">When it is too old to be used again, in milliseconds of the steady clock.</param>
/// <param name="limits">By which it is counted until it is closed.</param>
internal sealed class BackendStream(
    Socket socket, Stream stream, BackendHost host, IPEndPoint address, long diesAt, ConnectionLimits limits) : IDisposable
{
    /// <summary>What <see cref="ReadAsync"/> returns where the connection broke instead of ending.</summary>
    public const int Broken = -1;

    private readonly bool _isTls = stream is not NetworkStream;

    // TLS has bytes of its own on the socket, and of ours in its buffers: what came is known by a read that takes nothing.
    private Task? _ahead;
    private volatile bool _brokeAhead;
    private int _isClosed;

    public long DiesAt => diesAt;

    /// <summary>The backend's address when it was made: one that keeps its id may have another one since.</summary>
    public required Uri Backend { get; init; }

    /// <summary>The header of the PROXY protocol with which it began, in a client's name.</summary>
    public required ProxyHeaderVersion Header { get; init; }

    /// <summary>It was authenticated, or offered to be.</summary>
    public bool IsAuthenticated { get; set; }

    /// <summary>It has carried an answer before: the backend may close it as idle at any moment.</summary>
    public bool IsReused { get; set; }

    /// <summary>When it was kept, in milliseconds of the steady clock.</summary>
    public long KeptAt { get; set; }

    /// <summary>When it is too old to be used again.</summary>
    public long KeptUntil { get; set; }

    /// <summary>How long it had been kept when it was taken.</summary>
    public long WasKeptFor { get; set; }

    /// <summary>Its backend is still reached at its address.</summary>
    public bool LeadsThere => host.LeadsTo(address);

    /// <summary>What the network said when it broke.</summary>
    public Exception? Cause { get; private set; }

    /// <summary>Nothing has come, and it has not ended: what a connection without a request must look like.</summary>
    public bool IsQuiet => Look() == Unread.Nothing;

    /// <summary>
    /// What has come over it since its last answer, to be asked right before a request goes out. What a backend says before it
    /// was asked answers nobody, and HTTP/1.1 has no other sign of whom an answer is for: with such bytes, or with its end, the
    /// connection carries no request any more. No read may be under way.
    /// </summary>
    public Unread Look()
    {
        try
        {
            if (_isTls)
            {
                _ahead ??= ReadAheadAsync();
                return !_ahead.IsCompleted ? Unread.Nothing : _brokeAhead ? Unread.End : Unread.Bytes;
            }

            return socket.Poll(0, SelectMode.SelectRead) ? Peek() : Unread.Nothing;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return Unread.End;
        }
    }

    /// <summary>Bytes that were read, 0 at the end, or <see cref="Broken"/>. An empty buffer waits for bytes and takes none.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            if (_ahead is { } ahead)
            {
                _ahead = null;
                await ahead.ConfigureAwait(false);
                if (_brokeAhead)
                {
                    return Broken;
                }
            }

            return await stream.ReadAsync(buffer).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            Cause = e;
            return Broken;
        }
    }

    /// <summary>False where the connection broke. What came before that is still to be read.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await stream.WriteAsync(bytes).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            Cause ??= e;
            return false;
        }
    }

    /// <summary>Says that nothing more comes from our side.</summary>
    public void EndSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone: whoever reads finds that out.
        }
    }

    public void Dispose()
    {
        stream.Dispose();
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            limits.CloseBackend();
        }
    }

    private Unread Peek()
    {
        Span<byte> first = stackalloc byte[FarewellMessage.Bytes];
        int found = socket.Receive(first, SocketFlags.Peek);
        return found > 0 ? FarewellMessage.Meaning(first[..found]) : Unread.End;
    }

    private async Task ReadAheadAsync()
    {
        try
        {
            await stream.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            Cause = e;
            _brokeAhead = true;
        }
    }

    // A stream that is closed by another thread says so in several ways.
    private static bool IsOfTheNetwork(Exception e) =>
        e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;
}
