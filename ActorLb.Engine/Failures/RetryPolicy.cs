using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Failures;

/// <summary>Whether a failed request may be sent again: only where no backend can have acted on it.</summary>
internal static class RetryPolicy
{
    /// <param name="isBodyGone">Bytes of the client's body were asked for, and are not held: they cannot be had a second time.</param>
    public static bool Allows(FailureReason failure, RequestMethod method, bool isBodyGone) =>
        !isBodyGone && FailureAnswer.Of(failure).Retry switch
        {
            RetrySafety.NothingSent => true,
            RetrySafety.Idempotent => IsIdempotent(method),
            _ => false,
        };

    /// <summary>RFC 9110, 9.2.2; a method that we do not know is none.</summary>
    public static bool IsIdempotent(RequestMethod method) => method
        is RequestMethod.Get or RequestMethod.Head or RequestMethod.Put or RequestMethod.Delete or RequestMethod.Options or RequestMethod.Trace;
}
