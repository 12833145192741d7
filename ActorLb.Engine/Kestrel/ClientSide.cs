using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The client's half of an exchange, whatever protocol brought it: the request's head and body come from here, and the
/// answer goes here. One object serves all requests of a connection or stream.
/// </summary>
internal abstract class ClientSide
{
    /// <summary>Its connection carries requests at the same time.</summary>
    public abstract bool IsMultiplexed { get; }

    /// <summary>Its protocol with the version, where the head does not say it; else empty.</summary>
    public virtual ReadOnlySpan<byte> VersionName => default;

    /// <summary>The client is gone, or no longer wants its answer; fires also where we end the connection.</summary>
    public abstract CancellationToken Aborted { get; }

    /// <summary>The client ended its request, and we had not ended it before.</summary>
    public abstract bool HasLeft { get; }

    /// <summary>Something of an answer has left for the client: there cannot be another.</summary>
    public abstract bool HasStarted { get; }

    /// <summary>Of the answer that was written last.</summary>
    public abstract int Status { get; }

    /// <summary>Bytes that its system has confirmed on this connection; null where nobody can tell.</summary>
    public virtual long? BytesReceived => null;

    /// <summary>The client's connection ends with the answer that was written, whatever becomes of the rest of the request.</summary>
    public abstract bool ClosesAfterAnswer { get; }

    /// <summary>
    /// The client sees by its framing that the answer is not whole: the end of its connection is no end of the answer. Else it
    /// is HTTP/1.0's, which ends so.
    /// </summary>
    public abstract bool ShowsItsEnd { get; }

    /// <summary>The server loses what was written and not flushed before the answer's end.</summary>
    public virtual bool LosesUnflushed => false;

    /// <summary>Takes the request's head; None where it may go on.</summary>
    /// <param name="fault">What is wrong with it, more exactly.</param>
    public abstract FailureReason Read(ReceivedHead head, in MessageLimits limits, out MessageFault fault);

    /// <summary>It asks for a protocol that its pool does not pass on, and cannot be answered without (RFC 8441, 4).</summary>
    public virtual bool OpensNothing(ReceivedHead head) => false;

    /// <summary>As the client has named it.</summary>
    public virtual ReadOnlySpan<byte> MethodOf(ReceivedHead head) => head.Head.MethodName.Of(head.Source);

    /// <summary>The next part of the request's body: the same again until it is taken.</summary>
    public abstract ValueTask<BodyPart> ReadBodyAsync();

    /// <summary>The part that was read last has been used.</summary>
    public abstract void TakeBody();

    /// <summary>Nothing is read for now; what was read and not taken comes again.</summary>
    public abstract void LeaveBody();

    /// <summary>Ends a wait for the body, the present or the next one. Any thread.</summary>
    public abstract void StopBody();

    /// <summary>The body may be waited for again.</summary>
    public abstract void ResumeBody();

    /// <summary>Writes the end of a chunked body with its trailers as a backend gets it, or says what is wrong with them.</summary>
    /// <param name="announced">The value of Trailer: fields that it does not name are left out.</param>
    public abstract MessageFault WriteBodyEnd(ref HeadBuffer target, ReadOnlySpan<byte> announced, HeaderEdits? edits, in MessageLimits limits);

    /// <summary>Passes on a head before the final one (1xx), where the client knows such.</summary>
    public abstract ValueTask WriteInterimAsync(InterimHead interim);

    /// <summary>Whether a tunnel was asked for in a way that an answer with this status does not answer.</summary>
    public virtual bool MissesTunnel(int status) => false;

    /// <summary>Writes a backend's final head, and holds it back until a flush. False where the client cannot have such an answer.</summary>
    /// <param name="source">The backend's head; the fields and the head are offsets into it.</param>
    public abstract bool WriteHead(Exchange exchange, ReadOnlySpan<byte> source, in ResponseHead head, ReadOnlySpan<HeaderField> fields);

    /// <summary>Writes a piece of the answer's body. It goes with the next flush.</summary>
    public abstract void WriteBody(ReadOnlySpan<byte> data);

    /// <summary>The answer's body is over.</summary>
    /// <param name="source">The trailer fields are offsets into it.</param>
    public abstract void WriteEnd(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> trailers);

    /// <summary>Sends what was written; false where the client is gone.</summary>
    public abstract ValueTask<bool> FlushAsync();

    /// <summary>The answer is whole: sends the rest of it, while the request may still be coming.</summary>
    public abstract ValueTask CompleteAsync();

    /// <summary>Answers in place of a backend.</summary>
    public abstract ValueTask AnswerAsync(Exchange exchange, OwnAnswer answer);

    /// <summary>Forgets what was written and not sent.</summary>
    public abstract void Forget();

    /// <summary>Switches protocols; afterwards the stream carries whatever the client says.</summary>
    public abstract Task<Stream> OpenTunnelAsync();

    /// <summary>Ends an answer that has begun and will not be whole: the client gets what there is of it, and no end.</summary>
    /// <exception cref="UnfinishedAnswerException">For the server, which does so.</exception>
    public abstract void EndUnfinished();

    /// <summary>Ends the connection, or HTTP/2's stream, so that the client knows that something is missing.</summary>
    public abstract void BreakOff();

    /// <summary>The exchange is over.</summary>
    public abstract void End();
}
