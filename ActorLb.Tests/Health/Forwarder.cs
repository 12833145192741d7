using Akka.Actor;

namespace ActorLb.Tests.Health;

/// <summary>Stands under a known name and forwards what comes to a test's probe.</summary>
internal sealed class Forwarder : UntypedActor
{
    private readonly IActorRef _to;

    public Forwarder(IActorRef to) => _to = to;

    protected override void OnReceive(object message) => _to.Forward(message);
}
