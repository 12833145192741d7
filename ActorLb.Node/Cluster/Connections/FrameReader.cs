using System.Buffers;
using System.Buffers.Binary;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>
/// Reads frames: four bytes, little-endian, with the length of what follows, as Akka's own transport writes them. Memory is
/// taken as bytes come, never for a length that somebody claims. For one reader at a time.
/// </summary>
/// <param name="unfinished">
/// What frames of peers that proved nothing may take while they are larger than the first buffer and not whole, and then their time is
/// bounded, too; null: of peers that are left to Akka's heartbeats.
/// </param>
internal sealed class FrameReader(Stream stream, UnfinishedFrames? unfinished, TimeProvider time) : IDisposable
{
    public const int HeaderBytes = 4;

    /// <summary>Most frames are smaller.</summary>
    private const int InitialBytes = 16 << 10;

    /// <summary>Akka's heartbeats, which wait behind a frame, give a connection up after as long.</summary>
    private static readonly TimeSpan FrameTime = TimeSpan.FromSeconds(10);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBytes);
    private int _start;
    private int _end;
    private int _taken;

    /// <returns>The next frame's content, to be used before the next call; null where the stream ended between two frames.</returns>
    /// <exception cref="PeerRefusedException">The frame is longer than that, or does not come to its end.</exception>
    /// <exception cref="IOException">The connection broke, also within a frame.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(int bytesMax, CancellationToken cancellation)
    {
        if (Whole(bytesMax) is { } there)
        {
            return there;
        }

        if (_end == _start && !await MoreAsync(cancellation))
        {
            return null;
        }

        if (Whole(bytesMax) is { } came)
        {
            return came;
        }

        using CancellationTokenSource? deadline = unfinished is null ? null : new CancellationTokenSource(FrameTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline?.Token ?? CancellationToken.None, cancellation);
        try
        {
            while (true)
            {
                if (!await MoreAsync(either.Token))
                {
                    throw new IOException("the connection ended within a frame");
                }

                if (Whole(bytesMax) is { } whole)
                {
                    return whole;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new PeerRefusedException($"it did not finish a frame within {FrameTime.TotalSeconds} s");
        }
    }

    public void Dispose()
    {
        unfinished?.GiveBack(_taken);
        _taken = 0;
        ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _buffer, []));
    }

    private ReadOnlyMemory<byte>? Whole(int bytesMax)
    {
        if (_end - _start < HeaderBytes)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_start));
        if (length < 0 || length > bytesMax)
        {
            throw new PeerRefusedException(NoFrame(_buffer.AsSpan(_start, HeaderBytes), bytesMax));
        }

        if (_end - _start - HeaderBytes < length)
        {
            return null;
        }

        var frame = _buffer.AsMemory(_start + HeaderBytes, length);
        _start += HeaderBytes + length;
        return frame;
    }

    // What speaks TLS or HTTP to a port of another protocol can be told so.
    private static string NoFrame(ReadOnlySpan<byte> head, int bytesMax) =>
        head[0] == 0x16 && head[1] == 3 ? "it speaks TLS, and this node has neither cluster.secrets nor cluster.tls"
        : head.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? $"what it sent is no frame of at most {bytesMax} bytes"
        : "what it sent is text, and no frame";

    private async ValueTask<bool> MoreAsync(CancellationToken cancellation)
    {
        MakeRoom();
        int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        return read > 0;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length > InitialBytes)
            {
                Exchange(InitialBytes);
            }
        }
        else if (_end == _buffer.Length && _start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Exchange(_buffer.Length * 2);
        }
    }

    private void Exchange(int bytes)
    {
        int more = bytes > InitialBytes ? bytes : 0;
        if (unfinished?.Take(more - _taken) == false)
        {
            throw new PeerRefusedException("too many large frames are unfinished at this node");
        }

        _taken = more;
        byte[] next = ArrayPool<byte>.Shared.Rent(bytes);
        _buffer.AsSpan(_start, _end - _start).CopyTo(next);
        (_start, _end) = (0, _end - _start);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = next;
    }
}
