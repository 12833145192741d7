using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>Our own answer, where no backend gave one.</summary>
internal static class FailureResponse
{
    private const int Http11Required = 0xd;

    /// <exception cref="UnfinishedAnswerException">The client has a part of a backend's answer, and gets no more.</exception>
    public static async ValueTask WriteAsync(Exchange exchange, FailureAnswer failure)
    {
        HttpContext context = exchange.Context;
        if (context.Response.HasStarted && failure.LeavesClient && exchange.ShowsItsEnd)
        {
            // The server sends what it has of the answer, and ends the connection or the stream without the answer's end.
            throw new UnfinishedAnswerException();
        }

        if (context.Response.HasStarted || failure.Reason == FailureReason.ClientGone)
        {
            exchange.BreakOff();
            return;
        }

        // Over HTTP/1.1 the client can have a connection to itself (RFC 9113, 7 and 9.2).
        if (exchange.IsHttp2
            && failure.Reason is FailureReason.ConnectionAuthRefused or FailureReason.ConnectionAuthOffered
            && context.Features.Get<IHttpResetFeature>() is { } stream)
        {
            stream.Reset(Http11Required);
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = failure.Status;
        IHeaderDictionary headers = context.Response.Headers;
        headers[FailureAnswer.Header] = failure.Name;
        headers[RequestIds.Header] = exchange.RequestId;
        headers.ContentType = "text/plain";
        if (failure.Reason == FailureReason.MethodNotAllowed)
        {
            headers.Allow = FailureAnswer.AllowedMethod;
        }

        byte[] body = FaultMeaning.BodyOf(failure, exchange.Fault);
        headers.ContentLength = body.Length;
        if (failure.MayPass)
        {
            long seconds = failure.RetryAfterSeconds(exchange.Assignment.Pool?.Settings);
            headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        // A session that moved tells its client so even now; a new one is not bound to a backend that failed it.
        if (exchange.Assignment is { IsBound: true } && exchange.Ticket is { } ticket)
        {
            headers.SetCookie = ticket;
        }

        // What follows on this connection is the rest of a body that nobody will read, or cannot be told from it.
        if (exchange.EndsConnection || (!exchange.IsHttp2 && (exchange.IsMalformed || !exchange.RequestSide.IsDone)))
        {
            headers.Connection = "close";
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            exchange.BytesSent += body.Length;
            await context.Response.Body.WriteAsync(body, exchange.Aborted);
        }
    }
}
