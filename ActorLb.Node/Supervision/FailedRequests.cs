using Akka.Actor;

namespace ActorLb.Node.Supervision;

/// <summary>What becomes of a question at which an actor failed.</summary>
internal static class FailedRequests
{
    /// <summary>
    /// Tells an asker of this node that there is no answer, instead of having it wait for one. What was asked may be done all the same,
    /// in part or later. Nodes get no exceptions from each other: their askers wait until their time is up.
    /// </summary>
    public static void Refuse(IActorRef asker, Exception reason)
    {
        if (!asker.IsNobody() && asker.Path.Address.HasLocalScope)
        {
            asker.Tell(new Status.Failure(new TimeoutException($"the control plane failed at it, and starts this part of itself anew: {reason.Message}", reason)));
        }
    }
}
