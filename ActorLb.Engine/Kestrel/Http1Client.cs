using System.Diagnostics.CodeAnalysis;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>A client that speaks HTTP/1.1 or 1.0: read by the parsers of the event loops, and written to as they write.</summary>
[SuppressMessage("Design", "CA2213", Justification = "A limit that is over may end the connection after it has ended; a source without a timer is collected.")]
internal sealed class Http1Client : ClientSide, IDisposable
{
    private readonly CancellationTokenSource _aborted = new();
    private readonly ClientTransport _transport;
    private readonly Http1Body _body;
    private readonly Http1Answer _answer;
    private FailureReason _refusal;
    private MessageFault _fault;
    private volatile bool _hasLeft;
    private volatile bool _isBrokenOff;
    private bool _knowsInterim;
    private bool _closes;

    public Http1Client(ClientTransport transport, LaneParts lane)
    {
        _transport = transport;
        Input = new ClientInput(transport);
        _body = new Http1Body(Input, lane);
        _answer = new Http1Answer(transport, new DateText(lane.Plane.Time));
    }

    public ClientInput Input { get; }

    /// <summary>It is over: there is nobody to say another word to.</summary>
    public bool HasEnded => _isBrokenOff || _hasLeft;

    public override bool IsMultiplexed => false;

    public override CancellationToken Aborted => _aborted.Token;

    public override bool HasLeft => _hasLeft;

    public override bool HasStarted => _answer.HasStarted;

    public override int Status => _answer.Status;

    public override long? BytesReceived => _transport.BytesReceived;

    public override bool ClosesAfterAnswer => _closes || HasEnded;

    public override bool ShowsItsEnd => _answer.ShowsItsEnd;

    /// <summary>A request's head is there; the input begins with what follows it.</summary>
    public void Begin(in RequestHead head)
    {
        _refusal = FailureReason.None;
        _fault = MessageFault.None;
        _closes = false;
        _knowsInterim = head.Version == MessageVersion.Http11;
        _body.Begin(head);
        _answer.Begin();
    }

    /// <summary>What came is no request that is served, and what follows it none that can be read.</summary>
    public void Refuse(FailureReason failure, MessageFault fault)
    {
        Begin(default);
        _refusal = failure;
        _fault = fault;
    }

    /// <summary>The client's connection is gone. Any thread.</summary>
    public void Leave()
    {
        _hasLeft |= !_isBrokenOff;
        _aborted.Cancel();
    }

    public override FailureReason Read(ReceivedHead head, in MessageLimits limits, out MessageFault fault)
    {
        fault = _fault;
        return _refusal;
    }

    public override ValueTask<BodyPart> ReadBodyAsync() => _body.ReadAsync();

    public override void TakeBody() => _body.Take();

    public override void LeaveBody()
    {
    }

    public override void StopBody() => Input.Stop();

    public override void ResumeBody() => Input.Resume();

    public override MessageFault WriteBodyEnd(ref HeadBuffer target, ReadOnlySpan<byte> announced, HeaderEdits? edits, in MessageLimits limits)
    {
        _body.WriteEnd(ref target, announced, edits);
        return MessageFault.None;
    }

    // HTTP/1.0 knows none (RFC 9110, 15.2).
    public override async ValueTask WriteInterimAsync(InterimHead interim)
    {
        if (!_knowsInterim)
        {
            return;
        }

        _answer.WriteInterim(interim);
        await _answer.FlushAsync(begins: false).ConfigureAwait(false);
    }

    public override bool WriteHead(Exchange exchange, ReadOnlySpan<byte> source, in ResponseHead head, ReadOnlySpan<HeaderField> fields)
    {
        if (head.Framing == BodyFraming.Tunnel && !exchange.Received.IsUpgradedBy(source, fields))
        {
            return false;
        }

        _closes = RequestLife.Closes(exchange, AnswerLines.FramingOf(head, exchange.Head.Version), head.KeepAlive, exchange.RequestSide.BodyBegun);
        return _answer.WriteHead(exchange, source, head, fields, _closes);
    }

    public override void WriteBody(ReadOnlySpan<byte> data) => _answer.WriteBody(data);

    public override void WriteEnd(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> trailers) => _answer.WriteEnd(source, trailers);

    public override ValueTask<bool> FlushAsync() => _answer.FlushAsync();

    public override async ValueTask CompleteAsync()
    {
        if (!await _answer.FlushAsync().ConfigureAwait(false))
        {
            Leave();
        }
    }

    public override ValueTask AnswerAsync(Exchange exchange, OwnAnswer answer)
    {
        _answer.Forget();
        _closes = answer.Closes;
        Span<byte> ticket = stackalloc byte[Exchange.TicketBytesMax];
        _answer.WriteOwn(answer, exchange.RequestId, ticket[..exchange.Life.WriteTicket(exchange, ticket)]);
        exchange.BytesSent += answer.HasNoBody ? 0 : answer.Body.Length;
        return default;
    }

    public override void Forget() => _answer.Forget();

    public override async Task<Stream> OpenTunnelAsync()
    {
        if (await _answer.FlushAsync().ConfigureAwait(false))
        {
            return new UpgradedStream(_transport, Input);
        }

        Leave();
        throw new OperationCanceledException("the client is gone");
    }

    public override void EndUnfinished() => _closes = true;

    public override void BreakOff()
    {
        // A client that had left before stays one that left.
        _isBrokenOff |= !_hasLeft;
        _transport.Abort();
        _aborted.Cancel();
    }

    public override void End()
    {
        _body.End();
        _answer.End();
    }

    public void Dispose()
    {
        End();
        Input.Dispose();
    }
}
