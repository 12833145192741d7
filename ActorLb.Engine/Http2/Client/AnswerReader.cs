using System.Buffers;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2.Hpack;

namespace ActorLb.Engine.Http2.Client;

/// <summary>
/// What has come of one answer, as text of HTTP/1.1: heads, then the body, by its length or in chunks, with its trailers. Without IO;
/// one thread at a time.
/// </summary>
/// <param name="windowBytes">Of the body, on its way or here.</param>
internal sealed class AnswerReader(int windowBytes)
{
    /// <summary>103 comes once or twice, 102 every few seconds: text that nobody takes does not grow for ever.</summary>
    private const int PendingHeadBytesMax = 256 * 1024;

    private ReceivedBytes _data;
    private byte[] _text = [];
    private int _start;
    private int _end;
    private RequestMethod _method;
    private byte[]? _webSocketKey;
    private ReadOnlyMemory<byte> _trailers;
    private long _window = windowBytes;
    private int _uncredited;
    private long _length = -1;
    private long _received;
    private int _chunk;
    private bool _hasHead;
    private bool _isChunked;
    private bool _isTunnel;
    private bool _hasNoBody;
    private bool _isEndComing;
    private bool _isClosed;

    /// <summary>Anything of it has come.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The peer has marked its end, or all has been read of a body that ends by its length.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>There is something to read, or the end.</summary>
    public bool HasMore => _start < _end || _data.Count > 0 || HasEnded;

    /// <summary>All of its body has come, as far as its head tells.</summary>
    public bool IsWhole => _hasHead && (HasEnded || _hasNoBody || (_length >= 0 && _received == _length));

    /// <summary>What is wrong with it.</summary>
    public string Fault { get; private set; } = "";

    /// <param name="webSocketKey">Of the request, where it opens a WebSocket; null: it does not.</param>
    public void Begin(RequestMethod method, byte[]? webSocketKey)
    {
        _method = method;
        _webSocketKey = webSocketKey;
    }

    public Http2Error TakeFields(ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields, bool ends)
    {
        if (_isClosed)
        {
            return Http2Error.NoError;
        }

        HasBegun = true;
        return _hasHead ? TakeTrailers(text, fields, ends) : TakeHead(text, fields, ends);
    }

    /// <param name="taken">Of the window: the data and its padding.</param>
    public Http2Error TakeData(ReadOnlySpan<byte> data, int taken, bool ends)
    {
        _window -= taken;
        if (_window < 0)
        {
            return Refuse(Http2Error.FlowControlError, "more of the answer came than its window allows");
        }

        if (_isClosed)
        {
            return Http2Error.NoError;
        }

        if (!_hasHead)
        {
            return Refuse(Http2Error.ProtocolError, "a body came before its head");
        }

        _received += data.Length;
        if ((_hasNoBody && _received > 0) || (_length >= 0 && (_received > _length || (ends && _received < _length))))
        {
            return Refuse(Http2Error.ProtocolError, "the body is not as long as its head says");
        }

        _uncredited += taken - data.Length;
        _data.Add(data);
        if (ends)
        {
            End(default, default);
        }

        return Http2Error.NoError;
    }

    /// <summary>Reads what is there; returns how much.</summary>
    /// <param name="credit">So much of the window is free again, and may be told; 0: not yet.</param>
    public int Read(Span<byte> target, out int credit)
    {
        int total = 0;
        while (total < target.Length)
        {
            Span<byte> rest = target[total..];
            int count = ReadText(rest);
            if (count == 0)
            {
                count = ReadBody(rest);
            }

            if (count == 0 && !TryGoOn())
            {
                break;
            }

            total += count;
        }

        credit = _uncredited >= windowBytes / 2 ? _uncredited : 0;
        _window += credit;
        _uncredited -= credit;
        return total;
    }

    /// <summary>It is not to be had; returns the error.</summary>
    public Http2Error Refuse(Http2Error error, string why)
    {
        Fault = why;
        return error;
    }

    /// <summary>Nobody reads any more: what comes is counted, and dropped.</summary>
    public void Forget()
    {
        _isClosed = true;
        _data.Clear();
        _start = 0;
        _end = 0;
        if (_text.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_text);
            _text = [];
        }
    }

    private Http2Error TakeHead(ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields, bool ends)
    {
        int status = AnswerText.StatusOf(text, fields);
        bool isInterim = status is > 0 and < 200;
        if (status == 0 || (isInterim && ends) || _end - _start > PendingHeadBytesMax)
        {
            return Refuse(Http2Error.ProtocolError, "the fields of an answer are not as they must be");
        }

        int room = text.Length + (fields.Length * AnswerText.FieldBytesMore) + AnswerText.HeadBytesMore;
        Span<byte> target = Reserve(room);
        if (isInterim)
        {
            _end += AnswerText.WriteHead(status, text, fields, BodyFraming.None, target);
            return Http2Error.NoError;
        }

        _hasHead = true;
        BodyFraming framing = Frame(status, text, fields, ends);
        if (_length == AnswerText.NoLength || (ends && _length > 0 && !_hasNoBody))
        {
            return Refuse(Http2Error.ProtocolError, "the body is not as long as its head says");
        }

        HasEnded = ends;
        if (_webSocketKey is not null && status < 300)
        {
            _isTunnel = true;
            _end += AnswerText.WriteSwitch(_webSocketKey, text, fields, target);
        }
        else
        {
            _end += AnswerText.WriteHead(status, text, fields, framing, target);
        }

        return Http2Error.NoError;
    }

    private BodyFraming Frame(int status, ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields, bool ends)
    {
        if (_webSocketKey is not null && status < 300)
        {
            return BodyFraming.None;
        }

        _hasNoBody = _method == RequestMethod.Head || status is 204 or 304;
        _length = AnswerText.LengthOf(text, fields);
        if (_hasNoBody)
        {
            return BodyFraming.None;
        }

        // A status of gRPC comes behind the body, which the text can say of chunks alone.
        _isChunked = !ends && (_length < 0 || AnswerText.IsGrpc(text, fields));
        return _isChunked ? BodyFraming.Chunked : BodyFraming.Length;
    }

    private Http2Error TakeTrailers(ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields, bool ends)
    {
        if (!ends || HasEnded || _isTunnel || (_length >= 0 && _received != _length && !_hasNoBody) || !AnswerText.AreWellFormed(text, fields))
        {
            return Refuse(Http2Error.ProtocolError, "the trailers of an answer are not as they must be");
        }

        End(text, fields);
        return Http2Error.NoError;
    }

    // The end of a chunked body waits in the text until the body was read.
    private void End(ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> trailers)
    {
        HasEnded = true;
        if (!_isChunked)
        {
            return;
        }

        byte[] end = new byte[text.Length + (trailers.Length * AnswerText.FieldBytesMore) + AnswerText.HeadBytesMore];
        _trailers = end.AsMemory(0, AnswerText.WriteEnd(text, trailers, end));
        _isEndComing = true;
    }

    private int ReadText(Span<byte> target)
    {
        int count = Math.Min(target.Length, _end - _start);
        _text.AsSpan(_start, count).CopyTo(target);
        _start += count;
        if (_start == _end && _text.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_text);
            _text = [];
            _start = 0;
            _end = 0;
        }

        return count;
    }

    private int ReadBody(Span<byte> target)
    {
        if (_isChunked && _chunk == 0)
        {
            return 0;
        }

        int count = _data.Take(_isChunked ? target[..Math.Min(target.Length, _chunk)] : target);
        _uncredited += count;
        if (_isChunked)
        {
            _chunk -= count;
            if (_chunk == 0)
            {
                Say(ChunkWriter.DataEnd);
            }
        }

        return count;
    }

    /// <summary>The next piece of framing, if it is time for one.</summary>
    private bool TryGoOn()
    {
        if (_isChunked && _chunk == 0 && _data.Count > 0)
        {
            _chunk = _data.Count;
            Span<byte> line = stackalloc byte[ChunkWriter.SizeLineBytesMax];
            var size = new HeadBuffer(line);
            ChunkWriter.WriteSizeLine(ref size, _chunk);
            Say(size.Written);
            return true;
        }

        if (_isEndComing && _data.Count == 0)
        {
            _isEndComing = false;
            Say(_trailers.Span);
            return true;
        }

        return false;
    }

    private void Say(ReadOnlySpan<byte> piece)
    {
        piece.CopyTo(Reserve(piece.Length));
        _end += piece.Length;
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_text.Length - _end < bytes)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(_end - _start + bytes);
            _text.AsSpan(_start, _end - _start).CopyTo(larger);
            if (_text.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_text);
            }

            _text = larger;
            _end -= _start;
            _start = 0;
        }

        return _text.AsSpan(_end);
    }
}
