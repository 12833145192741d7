using ActorLb.Engine;
using ActorLb.Node.Supervision;
using ActorLb.Node.Wire;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Revisions;

/// <summary>Puts revisions into a node's actor system.</summary>
internal static class RevisionHosting
{
    /// <summary>Registers the serializer and starts the actor.</summary>
    public static AkkaConfigurationBuilder WithRevisions(this AkkaConfigurationBuilder builder, DataPlane plane, RevisionCapability capability) => builder
        .WithWireSerializer("actorlb-revisions", RevisionSerializer.Table, system => new RevisionSerializer(system))
        .WithNodeActor<RevisionActor>((_, _, services) =>
        {
            ILogger<RevisionActor> logger = services.GetService<ILoggerFactory>().CreateLogger<RevisionActor>();
            var chance = new Random(StringComparer.Ordinal.GetHashCode(plane.Settings.Name));
            var underWay = new RevisionUnderWay();
            return Props.Create(() => new RevisionActor(capability, plane, underWay, logger, chance));
        });
}
