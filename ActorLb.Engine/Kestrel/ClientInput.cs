using System.Buffers;
using System.Runtime.CompilerServices;

namespace ActorLb.Engine.Kestrel;

/// <summary>What was received from a client and is not used yet, in one piece. While it waits with nothing, it holds no memory.</summary>
internal sealed class ClientInput(ClientTransport transport) : IDisposable
{
    /// <summary>Most heads are shorter.</summary>
    public const int HeadBytes = 4096;

    private readonly Lock _lock = new();
    private CancellationTokenSource _stop = new();
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public Memory<byte> Unread => _bytes.AsMemory(_start, Length);

    public void Skip(int count) => _start += count;

    /// <summary>Was received elsewhere. Before anything is received here.</summary>
    public void Put(ReadOnlySpan<byte> bytes)
    {
        MakeRoom(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Receives more behind what is there: how much, 0 at the end, or a result of <see cref="ClientTransport"/>.</summary>
    /// <param name="roomMin">Bytes to have room for.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReceiveAsync(int roomMin)
    {
        CancellationToken stop = StopToken;
        if (Length == 0)
        {
            Release();
            int waited = await transport.ReadAsync(Memory<byte>.Empty, stop).ConfigureAwait(false);
            if (waited < 0)
            {
                return waited;
            }
        }

        MakeRoom(roomMin);
        int count = await transport.ReadAsync(_bytes.AsMemory(_end), stop).ConfigureAwait(false);
        _end += Math.Max(0, count);
        return count;
    }

    /// <summary>What is there, or comes next, without a stay here.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken stop)
    {
        if (Length == 0)
        {
            Release();
            return await transport.ReadAsync(target, stop).ConfigureAwait(false);
        }

        int count = Math.Min(Length, target.Length);
        Unread[..count].CopyTo(target);
        Skip(count);
        return count;
    }

    /// <summary>Ends a wait, the present or the next one. Any thread.</summary>
    public void Stop()
    {
        CancellationTokenSource stop;
        lock (_lock)
        {
            stop = _stop;
        }

        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The wait that was meant is over.
        }
    }

    /// <summary>Waits again after a stop.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            if (_stop.IsCancellationRequested)
            {
                _stop.Dispose();
                _stop = new CancellationTokenSource();
            }
        }
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }

        _start = 0;
        _end = 0;
    }

    public void Dispose()
    {
        Release();
        _stop.Dispose();
    }

    private CancellationToken StopToken
    {
        get
        {
            lock (_lock)
            {
                return _stop.Token;
            }
        }
    }

    // A head, a chunk's line or trailers of up to what the limits allow: the parsers refuse more before this grows further.
    private void MakeRoom(int roomMin)
    {
        if (_start > 0 && _bytes.Length - _end < roomMin)
        {
            Unread.CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }

        if (_bytes.Length - _end < roomMin && (_end == _bytes.Length || _bytes.Length < roomMin))
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, roomMin));
            Unread.CopyTo(larger);
            _end -= _start;
            _start = 0;
            if (_bytes.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_bytes);
            }

            _bytes = larger;
        }
    }
}
