using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Kestrel;

/// <summary>A connection of HTTP/1.1 to one backend: a socket, or TLS over it. In use by one exchange, or kept for the next.</summary>
/// <param name="host">Where it leads.</param>
/// <param name="address">The one of the host's addresses that took it.</param>
/// <param name="diesAt">When it is too old to be used again, in milliseconds of the steady clock.</param>
/// <param name="limits">By which it is counted until it is closed.</param>
internal sealed class Http1Stream(
    Socket socket, Stream stream, BackendHost host, IPEndPoint address, long diesAt, ConnectionLimits limits) : BackendStream
{
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

    /// <summary>When it was kept, in milliseconds of the steady clock.</summary>
    public long KeptAt { get; set; }

    /// <summary>When it is too old to be used again.</summary>
    public long KeptUntil { get; set; }

    /// <summary>How long it had been kept when it was taken.</summary>
    public long WasKeptFor { get; set; }

    /// <summary>Its backend is still reached at its address.</summary>
    public bool LeadsThere => host.LeadsTo(address);

    public override bool FramesBodies => false;

    public override Unread Look()
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer)
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
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

    public override ValueTask<bool> EndBodyAsync(ReadOnlyMemory<byte> end) => WriteAsync(end);

    public override void EndSending()
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

    public override void Dispose()
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
