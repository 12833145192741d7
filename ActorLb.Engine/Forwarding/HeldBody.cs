using System.Buffers;
using System.Runtime.InteropServices;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Memory;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// What has come of a request's body, without its framing, so that it can be sent to another backend. Used again for other
/// requests of its exchange, one thread at a time.
/// </summary>
/// <param name="account">Where it counts what it holds.</param>
internal sealed class HeldBody(IMemoryAccount account)
{
    private const int FirstBytes = 4096;
    private const int CallBytes = 16 * 1024;

    private byte[] _bytes = [];
    private GCHandle _pin;
    private int _bytesMax;
    private int _headLength;
    private int _bodyLength;
    private int _endLength;

    /// <summary>All that came is here.</summary>
    public bool IsHolding { get; private set; }

    /// <summary>Nothing of the body follows.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The request's head, where its lane has no other place for it.</summary>
    public ReadOnlySpan<byte> Head => _bytes.AsSpan(0, _headLength);

    public ReadOnlyMemory<byte> Body => _bytes.AsMemory(_headLength, _bodyLength);

    /// <summary>What goes to the backend behind the body, as it was written to <see cref="RoomForEnd"/>.</summary>
    public ReadOnlyMemory<byte> End => _bytes.AsMemory(_headLength + _bodyLength, _endLength);

    /// <summary>The pool wants such a body held, as far as anybody knows by its head.</summary>
    public static bool IsAsked(PoolSettings pool, in RequestHead head) =>
        pool.RetryAttempts > 0
        && BytesMax(pool) is > 0 and var most
        && head.ContentLength <= most
        && (pool.Protocol == BackendProtocol.Http2 || RetryPolicy.IsIdempotent(head.Method));

    /// <summary>How much of one is held. A server of HTTP/2 may refuse any request that it has not seen, and messages of calls are mostly short.</summary>
    public static int BytesMax(PoolSettings pool) => pool.Protocol == BackendProtocol.Http2 ? Math.Max(pool.Retry.BodyBytes, CallBytes) : pool.Retry.BodyBytes;

    /// <summary>Holds what comes from now on.</summary>
    /// <param name="bytesMax">Of the body.</param>
    public void Begin(int bytesMax, ReadOnlySpan<byte> head)
    {
        LetGo();
        _bytesMax = bytesMax;
        IsHolding = true;
        if (MakeRoom(head.Length))
        {
            head.CopyTo(_bytes);
            _headLength = head.Length;
        }
    }

    /// <summary>A piece of the body; where it is more than is held of one, or there is no memory, all is let go of.</summary>
    public void Add(ReadOnlySpan<byte> data)
    {
        if (!IsHolding)
        {
            return;
        }

        if (data.Length > _bytesMax - _bodyLength)
        {
            LetGo();
        }
        else if (MakeRoom(data.Length))
        {
            data.CopyTo(_bytes.AsSpan(_headLength + _bodyLength));
            _bodyLength += data.Length;
        }
    }

    /// <summary>Room for what is to be sent behind the body; empty where there is no memory, and then nothing is held any more.</summary>
    public Span<byte> RoomForEnd(int bytes) => MakeRoom(bytes) ? _bytes.AsSpan(_headLength + _bodyLength, bytes) : default;

    /// <summary>The body is over.</summary>
    /// <param name="length">Of what was written to <see cref="RoomForEnd"/>.</param>
    public void AddEnd(int length)
    {
        _endLength = length;
        HasEnded = IsHolding;
    }

    /// <summary>Where <see cref="Body"/> and <see cref="End"/> stay until anything is added or let go of.</summary>
    public unsafe byte* Pin()
    {
        if (!_pin.IsAllocated)
        {
            _pin = GCHandle.Alloc(_bytes, GCHandleType.Pinned);
        }

        return (byte*)_pin.AddrOfPinnedObject() + _headLength;
    }

    /// <summary>Gives the memory back. Nothing is held any more.</summary>
    public void LetGo()
    {
        IsHolding = false;
        HasEnded = false;
        _headLength = 0;
        _bodyLength = 0;
        _endLength = 0;
        account.GiveBack(_bytes.Length);
        Replace([]);
    }

    private bool MakeRoom(int bytes)
    {
        int needed = _headLength + _bodyLength + bytes;
        if (needed <= _bytes.Length)
        {
            return true;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstBytes, (int)Math.Min(2L * _bytes.Length, _headLength + (long)_bytesMax))));
        if (!account.TryHold(larger.Length - _bytes.Length))
        {
            ArrayPool<byte>.Shared.Return(larger);
            LetGo();
            return false;
        }

        _bytes.AsSpan(0, needed - bytes).CopyTo(larger);
        Replace(larger);
        return true;
    }

    private void Replace(byte[] bytes)
    {
        if (_pin.IsAllocated)
        {
            _pin.Free();
        }

        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = bytes;
    }
}
