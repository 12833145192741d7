using System.Buffers;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>An answer as bytes of HTTP/1.1, gathered until they are sent together: a short one leaves in one piece.</summary>
internal sealed class Http1Answer(ClientTransport transport, DateText date)
{
    // Date, the request's id, Strict-Transport-Security, the framing and Connection.
    private const int OwnLinesBytesMax = 512;

    private byte[] _bytes = [];
    private int _length;
    private BodyFraming _framing;
    private byte[] _announcedTrailers = [];

    /// <summary>Something of it was sent.</summary>
    public bool HasStarted { get; private set; }

    public int Status { get; private set; }

    /// <summary>The end of the connection is not that of the body.</summary>
    public bool ShowsItsEnd => _framing != BodyFraming.UntilClose;

    public void Begin()
    {
        HasStarted = false;
        Forget();
    }

    public void Forget()
    {
        _length = 0;
        _framing = BodyFraming.None;
        _announcedTrailers = [];
        Status = 0;
    }

    /// <summary>Gives the memory back.</summary>
    public void End()
    {
        _length = 0;
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    /// <param name="closes">The connection ends with this answer.</param>
    public bool WriteHead(
        Exchange exchange, ReadOnlySpan<byte> source, in ResponseHead head, ReadOnlySpan<HeaderField> fields, bool closes)
    {
        MessageVersion version = exchange.Head.Version;
        _framing = AnswerLines.FramingOf(head, version);
        Status = head.Status;
        HeadBuffer target = Reserve(source.Length + (4 * fields.Length) + OwnLinesBytesMax + (exchange.Route.Filters?.Response?.Lines.Length ?? 0) + (exchange.OwesTicket ? Exchange.TicketBytesMax : 0));
        AnswerLines.WriteFields(ref target, source, head, fields, date, exchange.RequestId);
        target.Append(exchange.Route.Filters?.Response?.Lines);
        target.Append(exchange.ListenerFields?.For(source, fields, exchange.Route.Filters?.Response));
        target.Advance(exchange.Life.WriteTicket(exchange, source, fields, target.Rest));

        AnswerLines.WriteFraming(ref target, source, head, fields, _framing, closes, version);
        if (_framing == BodyFraming.Chunked && head.Fields.Has(KnownField.Trailer))
        {
            _announcedTrailers = fields[head.Fields.LastOf(KnownField.Trailer)].Value(source).ToArray();
        }

        return Take(target);
    }

    public void WriteInterim(in InterimHead interim)
    {
        HeadBuffer target = Reserve(interim.Source.Length + (4 * interim.Fields.Length) + OwnLinesBytesMax);
        AnswerLines.WriteInterim(ref target, interim.Source.Span, interim.Head, interim.Fields.Span);
        Take(target);
    }

    public void WriteBody(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        HeadBuffer target = Reserve(data.Length + ChunkWriter.SizeLineBytesMax + ChunkWriter.DataEnd.Length);
        if (_framing == BodyFraming.Chunked)
        {
            ChunkWriter.WriteSizeLine(ref target, data.Length);
        }

        target.Append(data);
        if (_framing == BodyFraming.Chunked)
        {
            target.Append(ChunkWriter.DataEnd);
        }

        Take(target);
    }

    public void WriteEnd(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> trailers)
    {
        if (_framing == BodyFraming.Chunked)
        {
            HeadBuffer target = Reserve(ChunkWriter.End.Length + (trailers.IsEmpty ? 0 : source.Length + (4 * trailers.Length)));
            ChunkWriter.WriteEnd(ref target, source, trailers, _announcedTrailers);
            Take(target);
        }
    }

    public void WriteOwn(in OwnAnswer answer, ReadOnlySpan<byte> requestId, ReadOnlySpan<byte> ticket)
    {
        Status = answer.Status;
        HeadBuffer target = Reserve(answer.Body.Length + (answer.Route?.Lines.Length ?? 0) + requestId.Length + ticket.Length + OwnLinesBytesMax);
        answer.Write(ref target, requestId, date.Now, ticket);
        Take(target);
    }

    /// <summary>Sends what was written; false where the connection broke.</summary>
    /// <param name="begins">The answer has begun with it.</param>
    public ValueTask<bool> FlushAsync(bool begins = true)
    {
        if (_length == 0)
        {
            return new(true);
        }

        HasStarted |= begins;
        int length = _length;
        _length = 0;
        return transport.WriteAsync(_bytes.AsMemory(0, length));
    }

    private HeadBuffer Reserve(int count)
    {
        if (_bytes.Length - _length < count)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, _length + count));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            if (_bytes.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_bytes);
            }

            _bytes = larger;
        }

        return new HeadBuffer(_bytes.AsSpan(_length));
    }

    private bool Take(in HeadBuffer written)
    {
        _length += written.Length;
        return written.Fits;
    }
}
