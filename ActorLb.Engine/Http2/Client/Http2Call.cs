using System.Buffers;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2.Hpack;
using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Http2.Client;

/// <summary>
/// One request and its answer on a connection of HTTP/2, spoken with in text of HTTP/1.1: so its head passes the writer and its answer
/// the parser that all others pass. What the connection tells it comes under the connection's lock.
/// </summary>
internal sealed class Http2Call(Http2Connection connection, ClientKey client, int windowBytes) : BackendStream
{
    private readonly Lock _lock = new();
    private readonly AnswerReader _answer = new(windowBytes);
    private readonly Signal _received = new();
    private FlowWindow _sendWindow;
    private Exception? _failure;
    private long _left;
    private bool _isOpen;
    private bool _isRefused;
    private bool _isMalformed;
    private bool _isTooLarge;
    private int _isDisposed;

    /// <summary>Whose it is.</summary>
    public ClientKey Client => client;

    /// <summary>Wakes who waits for room to send. Under the connection's lock, as all of these.</summary>
    public Signal Sendable { get; } = new();

    /// <summary>0: nothing was sent yet.</summary>
    public int Id { get; private set; }

    public ref FlowWindow SendWindow => ref _sendWindow;

    public bool HasSentEnd { get; set; }

    public bool HasReceivedEnd { get; set; }

    /// <summary>The connection knows it no more.</summary>
    public bool IsOver { get; set; }

    /// <summary>Since when nobody waits for it but for the mark of its end; in milliseconds.</summary>
    public long LingersSince { get; set; } = long.MaxValue;

    public override bool FramesBodies => true;

    /// <summary>Anything of an answer has come.</summary>
    public bool IsAnswered
    {
        get
        {
            lock (_lock)
            {
                return _answer.HasBegun;
            }
        }
    }

    /// <summary>All of the answer's body has come, as far as its head tells.</summary>
    public bool IsWhole
    {
        get
        {
            lock (_lock)
            {
                return _answer.IsWhole;
            }
        }
    }

    /// <summary>When its head was sent, in milliseconds.</summary>
    public long BeganAt { get; private set; }

    /// <summary>Of its header block among those of its connection (<see cref="RecentBlocks"/>).</summary>
    public long HeadNumber { get; private set; }

    public void Begin(int id, FlowWindow window, long headNumber, long now)
    {
        Id = id;
        HeadNumber = headNumber;
        BeganAt = now;
        _sendWindow = window;
    }

    /// <summary>A part of the body has come; NoError where that may be.</summary>
    /// <param name="taken">Of the window.</param>
    public Http2Error TakeData(ReadOnlySpan<byte> data, int taken, bool ends)
    {
        lock (_lock)
        {
            return Judge(_answer.TakeData(data, taken, ends));
        }
    }

    /// <summary>The same of fields.</summary>
    public Http2Error TakeFields(ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields, bool ends)
    {
        lock (_lock)
        {
            return Judge(_answer.TakeFields(text, fields, ends));
        }
    }

    /// <summary>Its answer is not to be had; returns the error.</summary>
    public Http2Error Refuse(Http2Error error, string why)
    {
        lock (_lock)
        {
            return Judge(_answer.Refuse(error, why));
        }
    }

    /// <summary>Nothing more comes. What came before can still be read.</summary>
    public void Fail(Exception why)
    {
        lock (_lock)
        {
            // A server that has answered may have no use for the rest of the request (RFC 9113, 8.1).
            if (!_answer.HasEnded)
            {
                _failure ??= why;
                _isRefused |= why is Http2Exception { IsRefusal: true };
            }

            _received.Wake();
        }
    }

    public override FailureReason Ended(bool hasBegun) =>
        _isTooLarge ? FailureReason.HeadersTooLarge
        : _isRefused ? FailureReason.BackendRefused
        : _isMalformed ? FailureReason.BackendBadResponse
        : base.Ended(hasBegun);

    public override Unread Look()
    {
        lock (_lock)
        {
            return _failure is null && !_answer.HasEnded ? Unread.Nothing : Unread.End;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        while (true)
        {
            ValueTask coming;
            int count;
            int credit;
            lock (_lock)
            {
                count = _answer.Read(buffer.Span, out credit);
                if (count == 0 && (buffer.IsEmpty ? _answer.HasMore : _answer.HasEnded))
                {
                    return 0;
                }

                if (count == 0 && _failure is not null)
                {
                    Cause = _failure;
                    return buffer.IsEmpty ? 0 : Broken;
                }

                coming = count > 0 ? default : _received.WaitAsync();
            }

            if (credit > 0)
            {
                connection.Credit(this, credit);
            }

            if (count > 0)
            {
                return count;
            }

            await coming.ConfigureAwait(false);
        }
    }

    public override async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!_isOpen)
        {
            int head = Open(bytes.Span);
            if (head == 0)
            {
                return false;
            }

            bytes = bytes[head..];
            if (bytes.IsEmpty)
            {
                return true;
            }
        }

        _left -= bytes.Length;
        return await connection.SendAsync(this, bytes, ends: _left == 0).ConfigureAwait(false);
    }

    public override async ValueTask<bool> EndBodyAsync(ReadOnlyMemory<byte> end)
    {
        if (end.Length <= ChunkWriter.End.Length)
        {
            return await connection.SendAsync(this, default, ends: true).ConfigureAwait(false);
        }

        return SendTrailers(end.Span);
    }

    public override void EndSending() => _ = connection.SendAsync(this, default, ends: true).AsTask();

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        connection.Abandon(this);
        lock (_lock)
        {
            _failure ??= new Http2Exception(Http2Error.Cancel, "the call was given up");
            _answer.Forget();
            _received.Wake();
        }
    }

    private Http2Error Judge(Http2Error error)
    {
        if (error != Http2Error.NoError)
        {
            _isMalformed = true;
            _failure ??= new Http2Exception(error, _answer.Fault);
        }

        _received.Wake();
        return error;
    }

    /// <summary>Sends the head; returns its length in the text, or 0 where that could not be.</summary>
    private int Open(ReadOnlySpan<byte> text)
    {
        MessageLimits limits = OwnTextLimits(connection.Options.Limits);
        HeaderField[] fields = ArrayPool<HeaderField>.Shared.Rent(limits.FieldCountMax);
        byte[] block = ArrayPool<byte>.Shared.Rent(text.Length + 1024);
        try
        {
            ParseResult result = RequestParser.Parse(text, limits, fields, out RequestHead head);
            bool opensWebSocket = head.Has(RequestTraits.AsksUpgrade) && connection.OpensWebSockets;
            long listBytes = 0;
            int length = result.IsComplete
                ? RequestBlock.Write(text, head, fields.AsSpan(0, head.Fields.Count), connection.Options.IsTls ? "https"u8 : "http"u8, opensWebSocket, block, out listBytes)
                : 0;
            if (listBytes > connection.HeadBytesMax)
            {
                RefuseOwn();
                return 0;
            }

            if (length == 0)
            {
                _failure = new Http2Exception(Http2Error.InternalError, "the request cannot be said in it");
                return 0;
            }

            _isOpen = true;
            _left = head.Framing == BodyFraming.Length ? head.ContentLength : -1;
            _answer.Begin(head.Method, opensWebSocket ? KeyOf(text, fields.AsSpan(0, head.Fields.Count)) : null);
            bool ends = !opensWebSocket && (head.Framing == BodyFraming.None || (head.Framing == BodyFraming.Length && head.ContentLength == 0));
            if (connection.TryBegin(this, block.AsSpan(0, length), ends))
            {
                return result.Consumed;
            }

            Fail(new Http2Exception(Http2Error.NoError, "the backend takes no new requests on this connection") { IsRefusal = true });
            return 0;
        }
        finally
        {
            ArrayPool<HeaderField>.Shared.Return(fields);
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private bool SendTrailers(ReadOnlySpan<byte> end)
    {
        MessageLimits limits = OwnTextLimits(connection.Options.Limits);
        HeaderField[] fields = ArrayPool<HeaderField>.Shared.Rent(limits.FieldCountMax);
        byte[] block = ArrayPool<byte>.Shared.Rent(end.Length + 1024);
        try
        {
            ChunkResult trailers = default(ChunkedDecoder).Next(end, limits, fields);
            int length = RequestBlock.WriteTrailers(end, fields.AsSpan(0, trailers.TrailerCount), block, out long listBytes);
            if (listBytes > connection.HeadBytesMax)
            {
                RefuseOwn();
                return false;
            }

            return connection.TrySendTrailers(this, block.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<HeaderField>.Shared.Return(fields);
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    // Advice, as it says of itself; but there are servers that end a connection for what is beyond.
    private void RefuseOwn()
    {
        _isTooLarge = true;
        Fail(new Http2Exception(Http2Error.EnhanceYourCalm, "the request's fields are more than the backend takes"));
    }

    private static byte[] KeyOf(ReadOnlySpan<byte> text, ReadOnlySpan<HeaderField> fields)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(field.Name(text), "Sec-WebSocket-Key"u8))
            {
                return field.Value(text).ToArray();
            }
        }

        return [];
    }

    // What we write is the client's, at most twice, and what is said of him.
    private static MessageLimits OwnTextLimits(in MessageLimits limits) => limits with
    {
        LineBytesMax = (2 * limits.LineBytesMax) + 4096,
        FieldBytesMax = (3 * limits.FieldBytesMax) + 16_384,
        FieldCountMax = Math.Min(ushort.MaxValue, limits.FieldCountMax + 256),
    };
}
