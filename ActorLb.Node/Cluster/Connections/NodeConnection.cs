using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>One connection to another node, in both directions. Akka writes to it and is told what comes.</summary>
internal sealed class NodeConnection : AssociationHandle
{
    /// <summary>Small frames that wait together leave together.</summary>
    private const int BatchBytes = 64 << 10;

    /// <summary>What may wait for a peer that does not read; beyond, Akka keeps it and tries again.</summary>
    private const long QueuedBytesMax = 64L << 20;

    /// <summary>For the last words of either side, when this one ends the connection.</summary>
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly FrameReader _frames;
    private readonly int _frameBytesMax;
    private readonly TimeProvider _time;
    private readonly Channel<ByteString> _queue = Channel.CreateUnbounded<ByteString>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _writing = Task.CompletedTask;
    private Task _reading = Task.CompletedTask;
    private long _queued;
    private int _closing;

    /// <param name="stream">Over the socket; owned, as all else is.</param>
    public NodeConnection(
        Address local, Address remote, Socket socket, Stream stream, FrameReader frames, int frameBytesMax, TimeProvider time)
        : base(local, remote)
    {
        _socket = socket;
        _stream = stream;
        _frames = frames;
        _frameBytesMax = frameBytesMax;
        _time = time;
    }

    /// <summary>Called once, when the connection is gone.</summary>
    public Action<NodeConnection> Gone { get; init; } = _ => { };

    /// <summary>Called with what is wrong where the peer breaks the rules.</summary>
    public Action<string> Refused { get; init; } = _ => { };

    /// <summary>Called once: true with the first frame that comes, false where the peer ends the connection before one.</summary>
    public Action<bool> Answered { get; init; } = _ => { };

    /// <param name="first">What came with the peer's proof.</param>
    public void Start(ByteString? first)
    {
        _writing = WriteAsync();
        _reading = ReadAsync(first);
    }

    public override bool Write(ByteString payload)
    {
        int bytes = payload.Length + FrameReader.HeaderBytes;
        if (Interlocked.Add(ref _queued, bytes) <= QueuedBytesMax && _queue.Writer.TryWrite(payload))
        {
            return true;
        }

        Interlocked.Add(ref _queued, -bytes);
        return false;
    }

    [Obsolete("Akka's base class calls it; use CloseAsync.")]
    public override void Disassociate() => _ = CloseAsync();

    /// <summary>Sends what waits, for a second at most, and ends the connection.</summary>
    public async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _closing, 1) != 0)
        {
            return;
        }

        _queue.Writer.TryComplete();
        await FinishedAsync(_writing);
        try
        {
            // Closed at once with bytes unread, the connection would be reset, and the last words with it.
            _socket.Shutdown(SocketShutdown.Send);
            await FinishedAsync(_reading);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }

        await EndAsync();
    }

    private async Task FinishedAsync(Task task)
    {
        try
        {
            await task.WaitAsync(EndTime, _time);
        }
        catch (TimeoutException)
        {
            // Whatever it waits for is cut off.
        }
    }

    private async Task EndAsync()
    {
        if (!_ended.TrySetResult())
        {
            return;
        }

        // What is read or written now ends by it.
        _queue.Writer.TryComplete();
        await _stream.DisposeAsync();
        _socket.Dispose();
        Gone(this);
    }

    private async Task ReadAsync(ByteString? first)
    {
        await Task.WhenAny(ReadHandlerSource.Task, _ended.Task);
        if (_ended.Task.IsCompleted)
        {
            _frames.Dispose();
            return;
        }

        IHandleEventListener listener = await ReadHandlerSource.Task.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        bool answered = first is not null;
        try
        {
            if (first is not null)
            {
                listener.Notify(new InboundPayload(first));
            }

            while (await _frames.ReadAsync(_frameBytesMax, CancellationToken.None) is { } frame)
            {
                if (!answered)
                {
                    Answered(true);
                    answered = true;
                }

                listener.Notify(new InboundPayload(ByteString.CopyFrom(frame.Span)));
            }
        }
        catch (PeerRefusedException e)
        {
            Refused(e.Message);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // Ended from either side.
        }

        if (!answered && Volatile.Read(ref _closing) == 0)
        {
            Answered(false);
        }

        _frames.Dispose();
        listener.Notify(new Disassociated(DisassociateInfo.Unknown));
        if (Volatile.Read(ref _closing) == 0)
        {
            await EndAsync();
        }
    }

    private async Task WriteAsync()
    {
        byte[] batch = ArrayPool<byte>.Shared.Rent(BatchBytes);
        try
        {
            while (await _queue.Reader.WaitToReadAsync())
            {
                int filled = 0;
                while (_queue.Reader.TryRead(out ByteString? frame))
                {
                    filled = await PutAsync(frame, batch, filled);
                }

                await _stream.WriteAsync(batch.AsMemory(0, filled));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The reading side tells Akka.
            _queue.Writer.TryComplete();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(batch);
        }
    }

    // Returns how far the batch is filled then.
    private async ValueTask<int> PutAsync(ByteString frame, byte[] batch, int filled)
    {
        int bytes = frame.Length + FrameReader.HeaderBytes;
        Interlocked.Add(ref _queued, -bytes);
        if (filled + bytes > batch.Length)
        {
            await _stream.WriteAsync(batch.AsMemory(0, filled));
            filled = 0;
        }

        BinaryPrimitives.WriteInt32LittleEndian(batch.AsSpan(filled), frame.Length);
        filled += FrameReader.HeaderBytes;
        if (bytes <= batch.Length)
        {
            frame.Memory.CopyTo(batch.AsMemory(filled));
            return filled + frame.Length;
        }

        await _stream.WriteAsync(batch.AsMemory(0, filled));
        await _stream.WriteAsync(frame.Memory);
        return 0;
    }
}
