using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Cluster;

/// <summary>How actors learn who is in the cluster.</summary>
internal static class MembershipEvents
{
    /// <summary>
    /// Hears of every change, and of the state now: an actor that starts or restarts later must not wait for the next
    /// change. Nobody answers where there is no cluster.
    /// </summary>
    public static void FollowMembership(this IActorContext context)
    {
        context.System.EventStream.Subscribe(context.Self, typeof(MembershipChanged));
        context.System.Own<MembershipActor>().Tell(GetMembership.Instance, context.Self);
    }
}
