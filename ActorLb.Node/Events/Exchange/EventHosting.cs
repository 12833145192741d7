using ActorLb.Node.Supervision;
using ActorLb.Node.Wire;
using Akka.Actor;
using Akka.Hosting;

namespace ActorLb.Node.Events.Exchange;

/// <summary>Puts the exchange of events into a node's actor system.</summary>
internal static class EventHosting
{
    public static AkkaConfigurationBuilder WithEvents(this AkkaConfigurationBuilder builder, EventLog log) => builder
        .WithWireSerializer("actorlb-events", EventSerializer.Table, system => new EventSerializer(system))
        .WithNodeActor<EventsActor>((_, _, _) => Props.Create(() => new EventsActor(log)));
}
