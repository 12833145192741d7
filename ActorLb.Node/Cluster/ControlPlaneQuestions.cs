using ActorLb.Node.Supervision;
using Akka.Actor;

namespace ActorLb.Node.Cluster;

/// <summary>Questions to the actors of the control plane that runs now, from outside of it.</summary>
internal static class ControlPlaneQuestions
{
    /// <exception cref="TimeoutException">There is no answer: it is starting again, failed at it, or took too long.</exception>
    public static async Task<TAnswer> AskAsync<TActor, TAnswer>(this ControlPlane control, object question, TimeSpan timeout, CancellationToken cancellation)
        where TActor : INodeActor
    {
        if (control.System?.Own<TActor>() is not { } actor || actor.IsNobody())
        {
            throw new TimeoutException("the control plane is starting again");
        }

        try
        {
            return await actor.Ask<TAnswer>(question, timeout, cancellation);
        }
        catch (AskTimeoutException e)
        {
            throw new TimeoutException("the control plane did not answer", e);
        }
    }
}
