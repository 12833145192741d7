using Microsoft.AspNetCore.Http;

namespace ActorLb.Engine.Forwarding;

/// <summary>Whether a failed request may be sent again: only where no backend can have acted on it.</summary>
public static class RetryPolicy
{
    /// <param name="bodyBegun">Bytes of the client's body were asked for: they cannot be had a second time.</param>
    public static bool Allows(FailureReason failure, string method, bool bodyBegun) =>
        Allows(failure, IsIdempotent(method), bodyBegun);

    /// <inheritdoc cref="Allows(FailureReason, string, bool)"/>
    public static bool Allows(FailureReason failure, bool isIdempotent, bool bodyBegun) =>
        !bodyBegun && FailureAnswer.Of(failure).Retry switch
        {
            RetrySafety.NothingSent => true,
            RetrySafety.Idempotent => isIdempotent,
            _ => false,
        };

    /// <summary>RFC 9110, 9.2.2; a method that we do not know is none.</summary>
    public static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method)
        || HttpMethods.IsHead(method)
        || HttpMethods.IsPut(method)
        || HttpMethods.IsDelete(method)
        || HttpMethods.IsOptions(method)
        || HttpMethods.IsTrace(method);
}
