using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ActorLb.Engine.Listeners;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// A connection to one backend as a stream: a socket, or TLS over it. In use by one exchange, or kept for the next. One
/// read and one write may be under way at the same time; closing ends both.
/// </summary>
/// <param name="host">Where it leads.</param>
/// <param name="address">The one of the host's addresses that took it.</param>
/// <param name="connectedAt">In the time provider's ticks.</param>
/// <param name="limits">By which it is counted until it is closed.</param>
internal sealed class BackendStream(
    Socket socket, Stream stream, BackendHost host, IPEndPoint address, long connectedAt, ConnectionLimits limits) : IDisposable
{
    /// <summary>What <see cref="ReadAsync"/> returns where the connection broke instead of ending.</summary>
    public const int Broken = -1;

    private int _isClosed;

    public long ConnectedAt => connectedAt;

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
    public bool IsQuiet
    {
        get
        {
            try
            {
                return !socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>Bytes that were read, 0 at the end, or <see cref="Broken"/>. An empty buffer waits for bytes and takes none.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
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

    // A stream that is closed by another thread says so in several ways.
    private static bool IsOfTheNetwork(Exception e) =>
        e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;
}
