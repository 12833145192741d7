using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Forwarding;

/// <summary>Our own answer, where no backend gave one.</summary>
/// <param name="Failure">Status, name and text.</param>
/// <param name="Fault">What is wrong with the request or the backend's answer, more exactly; None where nothing is.</param>
internal readonly record struct OwnAnswer(FailureAnswer Failure, MessageFault Fault = MessageFault.None)
{
    /// <summary>How the connection goes on after it.</summary>
    public bool Closes { get; init; }

    /// <summary>HTTP/1.0 keeps a connection only where the answer says so.</summary>
    public bool SaysKeepAlive { get; init; }

    /// <summary>An answer to HEAD says how long its body would be.</summary>
    public bool HasNoBody { get; init; }

    /// <summary>Retry-After; 0: there is none.</summary>
    public long RetryAfterSeconds { get; init; }

    public ReadOnlySpan<byte> Body => FaultMeaning.BodyOf(Failure, Fault);

    /// <param name="ticket">The lines that bring it, or empty.</param>
    public void Write(
        ref HeadBuffer target, scoped ReadOnlySpan<byte> requestId, scoped ReadOnlySpan<byte> date, scoped ReadOnlySpan<byte> ticket)
    {
        target.Append("HTTP/1.1 "u8);
        target.AppendDecimal(Failure.Status);
        target.Append(" "u8);
        target.Append(ReasonPhrase.Of(Failure.Status));
        target.Append("\r\n"u8);
        target.AppendField("Date"u8, date);
        target.Append(Failure.NameField);
        target.AppendField("X-Request-Id"u8, requestId);
        target.Append("Content-Type: text/plain\r\nContent-Length: "u8);
        target.AppendDecimal(Body.Length);
        target.Append("\r\n"u8);
        if (Failure.Reason == FailureReason.MethodNotAllowed)
        {
            target.Append("Allow: OPTIONS\r\n"u8);
        }

        if (RetryAfterSeconds > 0)
        {
            target.Append("Retry-After: "u8);
            target.AppendDecimal(RetryAfterSeconds);
            target.Append("\r\n"u8);
        }

        target.Append(ticket);
        target.Append(Closes ? "Connection: close\r\n"u8 : SaysKeepAlive ? "Connection: keep-alive\r\n"u8 : default);
        target.Append("\r\n"u8);
        target.Append(HasNoBody ? default : Body);
    }
}
