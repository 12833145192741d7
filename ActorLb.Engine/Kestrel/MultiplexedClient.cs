using System.IO.Pipelines;
using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>A stream of HTTP/2 or HTTP/3, by the server's features.</summary>
internal sealed class MultiplexedClient(IHttpRequestFeature request) : ClientSide
{
    /// <summary>HTTP_1_1_REQUIRED (RFC 9113, 7).</summary>
    private const int Http11Required = 0xd;

    /// <summary>H3_VERSION_FALLBACK (RFC 9114, 8.1).</summary>
    private const int VersionFallback = 0x110;

    private readonly DefaultHttpContext _context = new();
    private readonly ClientPresence _presence = new();
    private WebSocketOpening? _opening;
    private PipeReader? _body;
    private ReadResult _read;
    private ReadOnlyMemory<byte> _part;
    private bool _isRead;
    private volatile bool _isStopping;

    public override bool IsMultiplexed => true;

    public override ReadOnlySpan<byte> VersionName => VersionOf(request) == MessageVersion.Http3 ? "HTTP/3"u8 : "HTTP/2"u8;

    public override CancellationToken Aborted => _presence.Aborted;

    public override bool HasLeft => _presence.HasLeft;

    public override bool HasStarted => _context.Response.HasStarted;

    public override int Status => _context.Response.StatusCode;

    public override bool ClosesAfterAnswer => false;

    public override bool ShowsItsEnd => true;

    public override bool LosesUnflushed => VersionOf(request) == MessageVersion.Http3;

    public static MessageVersion VersionOf(IHttpRequestFeature request) => HttpProtocol.IsHttp3(request.Protocol) ? MessageVersion.Http3 : MessageVersion.Http2;

    /// <param name="features">Of the request.</param>
    public void Begin(IFeatureCollection features)
    {
        _presence.Begin(features);
        _context.Initialize(features);
        _body = null;
        _isRead = false;
        _isStopping = false;
        _opening = null;
    }

    public override FailureReason Read(ReceivedHead head, in MessageLimits limits, out MessageFault fault)
    {
        bool hasBody = _context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };
        _opening = HttpMethods.IsConnect(request.Method)
            && _context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" }
            ? new WebSocketOpening()
            : null;
        fault = head.Read(request, _opening, hasBody, limits);
        return fault == MessageFault.None ? FailureReason.None : FaultMeaning.Of(fault).Failure;
    }

    public override bool OpensNothing(ReceivedHead head) => _opening is not null && !head.AsksUpgrade;

    public override ReadOnlySpan<byte> MethodOf(ReceivedHead head) => _opening is null ? base.MethodOf(head) : "CONNECT"u8;

    public override async ValueTask<BodyPart> ReadBodyAsync()
    {
        PipeReader body = _body ??= _context.Request.BodyReader;
        LeaveBody();
        try
        {
            _read = await body.ReadAsync().ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            return new BodyPart(default, IsLast: false, e.StatusCode == StatusCodes.Status408RequestTimeout ? FailureReason.ClientTimeout : FailureReason.BadRequest);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Whatever the server says of a client whose connection or stream has ended.
            return new BodyPart(default, IsLast: false, FailureReason.ClientGone);
        }

        _isRead = true;
        if (_read.IsCanceled && _isStopping)
        {
            return new BodyPart(default, IsLast: false) { IsStopped = true };
        }

        _part = _read.Buffer.First;
        return new BodyPart(_part, _read.IsCompleted && _part.Length == _read.Buffer.Length);
    }

    public override void TakeBody()
    {
        _isRead = false;
        _body!.AdvanceTo(_read.Buffer.GetPosition(_part.Length));
    }

    public override void LeaveBody()
    {
        if (_isRead)
        {
            _isRead = false;
            try
            {
                _body!.AdvanceTo(_read.Buffer.Start);
            }
            catch (InvalidOperationException)
            {
                // The stream has ended.
            }
        }
    }

    public override void StopBody()
    {
        _isStopping = true;
        try
        {
            _body?.CancelPendingRead();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The server has ended the body already, and who waited for it knows.
        }
    }

    public override void ResumeBody() => _isStopping = false;

    // Read by our own decoder as they would have come in HTTP/1.1: what it refuses does not leave.
    public override MessageFault WriteBodyEnd(ref HeadBuffer target, ReadOnlySpan<byte> announced, HeaderEdits? edits, in MessageLimits limits)
    {
        if (announced.IsEmpty || _context.Features.Get<IHttpRequestTrailersFeature>() is not { Available: true, Trailers: { Count: > 0 } trailers })
        {
            target.Append(ChunkWriter.End);
            return MessageFault.None;
        }

        var text = new HeadText();
        text.Begin();
        text.Append("0\r\n"u8);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in trailers)
        {
            foreach (string? value in values)
            {
                text.AppendField(name, value);
            }
        }

        text.Append("\r\n"u8);
        var fields = new HeaderField[limits.FieldCountMax];
        ChunkResult end = default(ChunkedDecoder).Next(text.Written, limits, fields);
        MessageFault fault = text.Fault != MessageFault.None ? text.Fault : end.Fault;
        if (fault == MessageFault.None)
        {
            edits?.Take(text.Written, fields.AsSpan(0, end.TrailerCount));
            ChunkWriter.WriteEnd(ref target, text.Written, fields.AsSpan(0, end.TrailerCount), announced);
        }

        text.End();
        return fault;
    }

    // The server has no way to send one but 100, which it sends itself.
    public override ValueTask WriteInterimAsync(InterimHead interim) => default;

    // A success of CONNECT would be the beginning of a tunnel (RFC 8441, 5; RFC 9113, 8.5).
    public override bool MissesTunnel(int status) => _opening is not null && status is >= 200 and < 300;

    public override bool WriteHead(Exchange exchange, ReadOnlySpan<byte> source, in ResponseHead head, ReadOnlySpan<HeaderField> fields)
    {
        if (head.Framing == BodyFraming.Tunnel && !(_opening is not null && exchange.Received.IsUpgradedBy(source, fields) && _opening.IsAcceptedBy(source, fields)))
        {
            return false;
        }

        exchange.First?.End();
        try
        {
            AnswerHead.Write(
                source, head, fields, _context.Features.GetRequiredFeature<IHttpResponseFeature>(), exchange.RequestIdText, exchange.TicketFor(source, fields), exchange.Route.Filters?.Response);
            AnswerHead.WriteLines(_context.Response.Headers, exchange.ListenerFields?.For(source, fields, exchange.Route.Filters?.Response));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public override void WriteBody(ReadOnlySpan<byte> data)
    {
        PipeWriter body = _context.Response.BodyWriter;
        while (!data.IsEmpty)
        {
            Span<byte> room = body.GetSpan();
            if (room.IsEmpty)
            {
                // The stream has ended, and the next flush says so.
                return;
            }

            int count = Math.Min(room.Length, data.Length);
            data[..count].CopyTo(room);
            body.Advance(count);
            data = data[count..];
        }
    }

    public override void WriteEnd(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> trailers)
    {
        if (trailers.IsEmpty || _context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is not { IsReadOnly: false } target)
        {
            return;
        }

        foreach (ref readonly HeaderField field in trailers)
        {
            if (!KnownFieldSet.NeverTrailers.Contains(field.Known))
            {
                target.Append(FieldNames.Of(field.Name(source)), Encoding.Latin1.GetString(field.Value(source)));
            }
        }
    }

    public override async ValueTask<bool> FlushAsync() =>
        await _context.Response.BodyWriter.FlushAsync().ConfigureAwait(false) is { IsCompleted: false, IsCanceled: false };

    public override async ValueTask CompleteAsync() =>
        await _context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync().ConfigureAwait(false);

    public override async ValueTask AnswerAsync(Exchange exchange, OwnAnswer answer)
    {
        FailureAnswer failure = answer.Failure;
        // Over HTTP/1.1 the client can have a connection to itself (RFC 9113, 7 and 9.2).
        if (failure.Reason is FailureReason.ConnectionAuthRefused or FailureReason.ConnectionAuthOffered
            && _context.Features.Get<IHttpResetFeature>() is { } stream)
        {
            _context.Response.StatusCode = answer.Status;
            stream.Reset(VersionOf(request) == MessageVersion.Http3 ? VersionFallback : Http11Required);
            return;
        }

        exchange.First?.End();
        Forget();
        HttpResponse response = _context.Response;
        response.StatusCode = answer.Status;
        if (!answer.IsOfRoute)
        {
            response.Headers[FailureAnswer.Header] = failure.Name;
        }

        response.Headers[RequestIds.Header] = exchange.RequestIdText;
        if (!answer.IsOfRoute && !HttpMethods.IsConnect(request.Method) && GrpcAnswer.Fits(exchange.Source, exchange.Fields))
        {
            response.StatusCode = StatusCodes.Status200OK;
            AnswerHead.WriteLines(response.Headers, answer.Route?.Lines);
            WriteRetryAfter(response, answer);
            response.Headers.ContentType = GrpcAnswer.ContentType;
            response.Headers[GrpcAnswer.StatusField] = GrpcAnswer.StatusOf(answer.Status).ToString(System.Globalization.CultureInfo.InvariantCulture);
            response.Headers[GrpcAnswer.MessageField] = GrpcAnswer.MessageOf(failure);
            AnswerHead.WriteLines(response.Headers, exchange.TicketOfOwnAnswer);
            return;
        }

        if (answer.Route?.Body is null)
        {
            response.Headers.ContentType = "text/plain";
        }

        AnswerHead.WriteLines(response.Headers, answer.Route?.Lines);
        AnswerHead.WriteLines(response.Headers, answer.ListenerFields?.Lines);
        if (failure.Reason == FailureReason.MethodNotAllowed)
        {
            response.Headers.Allow = FailureAnswer.AllowedMethod;
        }

        byte[] body = answer.Body.ToArray();
        response.Headers.ContentLength = answer.SaysLength ? body.Length : null;
        WriteRetryAfter(response, answer);
        AnswerHead.WriteLines(response.Headers, exchange.TicketOfOwnAnswer);
        if (!answer.HasNoBody && body.Length > 0)
        {
            exchange.BytesSent += body.Length;
            await response.Body.WriteAsync(body, Aborted).ConfigureAwait(false);
        }
    }

    private static void WriteRetryAfter(HttpResponse response, in OwnAnswer answer)
    {
        if (answer.RetryAfterSeconds > 0)
        {
            response.Headers.RetryAfter = answer.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    public override void Forget() => _context.Response.Clear();

    public override async Task<Stream> OpenTunnelAsync()
    {
        _context.Response.StatusCode = StatusCodes.Status200OK;
        return await _context.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync().ConfigureAwait(false);
    }

    // The server sends what it has of the answer, and then resets the stream.
    public override void EndUnfinished() => throw new UnfinishedAnswerException();

    public override void BreakOff() => _presence.BreakOff();

    public override void End()
    {
        if (HasLeft)
        {
            _context.Features.Get<Http3Connection>()?.StreamWasReset();
        }

        _presence.End();
        _opening = null;
        _body = null;
        _context.Uninitialize();
    }
}
