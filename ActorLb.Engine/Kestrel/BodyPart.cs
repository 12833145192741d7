using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>What came next of a request's body, without its framing. Its data is good until the next part is asked for.</summary>
/// <param name="IsLast">Nothing of the body follows.</param>
/// <param name="Failure">Why there is no more of it; None where there is.</param>
/// <param name="Fault">What is wrong with it, more exactly.</param>
internal readonly record struct BodyPart(
    ReadOnlyMemory<byte> Data, bool IsLast, FailureReason Failure = FailureReason.None, MessageFault Fault = MessageFault.None)
{
    /// <summary>Nothing came: the wait was ended from our side.</summary>
    public bool IsStopped { get; init; }
}
