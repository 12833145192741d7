using Akka.Actor;

namespace ActorLb.Node.Supervision;

/// <summary>To <see cref="NodeSupervisorActor"/>, which answers with <see cref="NodeActorStarted"/>. Within a node.</summary>
internal sealed record StartSupervised(Props Props, string Name);

/// <summary>It lives, and does so for as long as the actor system: its reference stays when it starts anew.</summary>
internal sealed record NodeActorStarted(IActorRef Actor);
