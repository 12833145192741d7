using ActorLb.Engine.Forwarding;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Engine.Kestrel;

/// <summary>Our own answer, where no backend gave one.</summary>
internal static class FailureResponse
{
    public static async ValueTask WriteAsync(Exchange exchange, FailureAnswer failure)
    {
        HttpContext context = exchange.Context;
        if (context.Response.HasStarted || failure.Reason == FailureReason.ClientGone)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = failure.Status;
        IHeaderDictionary headers = context.Response.Headers;
        headers[FailureAnswer.Header] = failure.Name;
        headers[RequestIds.Header] = exchange.RequestId;
        headers.ContentType = "text/plain";
        headers.ContentLength = failure.Body.Length;
        if (failure.MayPass)
        {
            long seconds = (long)Math.Ceiling(exchange.Assignment.Pool.Settings.RetryAfter.TotalSeconds);
            headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        // A session that moved tells its client so even now; a new one is not bound to a backend that failed it.
        if (exchange.Assignment is { IsBound: true } && exchange.Ticket is { } ticket)
        {
            headers.SetCookie = ticket;
        }

        // What follows on this connection is the rest of a body that nobody will read, or cannot be told from it.
        if (exchange.EndsConnection || (MustClose(exchange, failure) && !HttpProtocol.IsHttp2(context.Request.Protocol)))
        {
            headers.Connection = "close";
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(failure.Body, context.RequestAborted);
        }
    }

    private static bool MustClose(Exchange exchange, FailureAnswer failure) =>
        failure.Reason is FailureReason.AmbiguousLength or FailureReason.BadTarget or FailureReason.RequestTooLarge
            or FailureReason.TransferCodingUnsupported or FailureReason.MethodUnsupported
        || exchange.Body is { Ended: false };
}
