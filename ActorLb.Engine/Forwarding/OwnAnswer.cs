using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
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

    /// <summary>What its route says of it; null: nothing.</summary>
    public RouteAnswer? Route { get; init; }

    /// <summary>Of its listener; null: nothing.</summary>
    public ListenerFields? ListenerFields { get; init; }

    public int Status => Route is { Status: > 0 } ? Route.Status : Failure.Status;

    /// <summary>It is no refusal: X-ActorLb-Reason says nothing of it.</summary>
    public bool IsOfRoute => Failure.Reason == FailureReason.AnsweredByRoute;

    public ReadOnlySpan<byte> Body => Route?.Body ?? FaultMeaning.BodyOf(Failure, Fault);

    /// <summary>It may have a body, and says how long that is (RFC 9110, 8.6).</summary>
    public bool SaysLength => Status is not (204 or 304);

    /// <param name="ticket">The lines that bring it, or empty.</param>
    public void Write(
        ref HeadBuffer target, scoped ReadOnlySpan<byte> requestId, scoped ReadOnlySpan<byte> date, scoped ReadOnlySpan<byte> ticket)
    {
        target.Append("HTTP/1.1 "u8);
        target.AppendDecimal(Status);
        target.Append(" "u8);
        target.Append(ReasonPhrase.Of(Status));
        target.Append("\r\n"u8);
        target.AppendField("Date"u8, date);
        target.Append(IsOfRoute ? default : Failure.NameField);
        target.AppendField("X-Request-Id"u8, requestId);
        target.Append(Route?.Lines);
        target.Append(ListenerFields?.Lines);
        target.Append(Route?.Body is null ? "Content-Type: text/plain\r\n"u8 : default);
        if (SaysLength)
        {
            target.Append("Content-Length: "u8);
            target.AppendDecimal(Body.Length);
            target.Append("\r\n"u8);
        }

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
