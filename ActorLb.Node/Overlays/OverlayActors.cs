using ActorLb.Engine;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Sections;
using ActorLb.Node.Supervision;
using ActorLb.Node.Wire;
using Akka.Actor;
using Akka.DistributedData;
using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Overlays;

/// <summary>Puts the operators' decisions about backends into a node's actor system.</summary>
internal static class OverlayActors
{
    /// <summary>Registers the serializer and starts the actor. Needs distributed data, and ConfirmationActor's serializer.</summary>
    public static AkkaConfigurationBuilder WithOverlays(this AkkaConfigurationBuilder builder, DataPlane plane, NodeOverlays overlays) => builder
        .WithWireSerializer("actorlb-overlays", OverlaySerializer.Table, system => new OverlaySerializer(system))
        .WithNodeActor<OverlayActor>((system, _, services) =>
        {
            IActorRef replicator = DistributedData.Get(system).Replicator;
            ILogger<OverlayActor> logger = services.GetService<ILoggerFactory>().CreateLogger<OverlayActor>();
            return Props.Create(() => new OverlayActor(
                overlays, plane, address => OwnBackends.KeyAt(plane.Settings, plane.Topology, address, MachineAddresses.Contain), replicator, logger));
        });
}
