using ActorLb.Engine;
using ActorLb.Node.Events;
using ActorLb.Node.Sessions.Decisions;
using ActorLb.Node.Sessions.Feed;
using ActorLb.Node.Sessions.Learned;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Node.Sessions.Rates;
using ActorLb.Node.Sessions.Replication;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Node.States;
using ActorLb.Node.Supervision;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.Hosting;

/// <summary>The registry's name for the shard region of all session owners.</summary>
internal sealed class SessionOwners
{
    private SessionOwners()
    {
    }
}

/// <summary>Adds session affinity to a node's actor system.</summary>
internal static class SessionHosting
{
    /// <summary>
    /// Owners, replica, feed and ticket keys for every pool that has affinity. Its Akka settings are in
    /// hocon/akka.conf; the plane's rebinder is there from when this system is a member.
    /// </summary>
    /// <param name="state">A new one for every run of the control plane.</param>
    /// <param name="store">Keeps the ticket keys over restarts.</param>
    public static AkkaConfigurationBuilder WithSessions(
        this AkkaConfigurationBuilder builder, DataPlane plane, SessionCapability state, IStateStore store)
    {
        if (!TicketKeyActor.KeysAreShared(plane.Topology))
        {
            state.MarkKeysReady();
        }

        var here = new OwnersHere();
        return builder
            .WithWireSerializer("actorlb-affinity", SessionSerializer.Table, system => new SessionSerializer(system))
            .WithWireSerializer("actorlb-replication", ReplicationSerializer.Table, system => new ReplicationSerializer(system, plane.Clock))
            .WithShardRegion<SessionOwners>(
                "sessions",
                entityId => SessionAffinityActor.Props(entityId, plane, state),
                new BucketExtractor(),
                new ShardOptions
                {
                    StateStoreMode = StateStoreMode.DData,
                    RememberEntities = false,
                    ShouldPassivateIdleEntities = false,
                })
            .WithNodeActor<BindingReplicaActor>((_, _, _) => Props.Create(() => new BindingReplicaActor(plane, state)))
            .WithNodeActor<RemovedPoolsActor>((_, _, _) => Removed(plane))
            .WithNodeActor<SessionRelayActor>((_, registry, _) => Relay(registry.Get<SessionOwners>(), here))
            .WithNodeActor<SessionFeedActor>((_, registry, _) => Feed(plane, registry.Get<SessionRelayActor>()))
            .WithNodeActor<SessionMovesActor>((_, registry, _) => Moves(plane, registry.Get<SessionOwners>()))
            .WithNodeActor<LearnedSessionsActor>((_, _, _) => Props.Create(() => new LearnedSessionsActor(plane)))
            .WithNodeActor<TicketKeyActor>((_, _, _) => Props.Create(() => new TicketKeyActor(plane, state, store)))
            .WithActors((system, registry) =>
            {
                // ControlPlane takes it away again, before anything else of this system stops.
                var rebinder = new ShardRebinder(registry.Get<SessionOwners>(), registry.Get<LearnedSessionsActor>(), state);
                Akka.Cluster.Cluster.Get(system).RegisterOnMemberUp(() => plane.Rebinder = rebinder);
            });
    }

    /// <summary>What operators see and want of single sessions. Needs <see cref="WithSessions"/>, and ConfirmationActor's serializer.</summary>
    public static AkkaConfigurationBuilder WithSessionDecisions(
        this AkkaConfigurationBuilder builder, DataPlane plane, IBindingStore store, Askers<BackendName> askers) => builder
        .WithWireSerializer("actorlb-session-decisions", SessionDecisionSerializer.Table, system => new SessionDecisionSerializer(system))
        .WithNodeActor<SessionRatesActor>((_, _, _) => Props.Create(() => new SessionRatesActor(plane)))
        .WithNodeActor<SessionDecisionsActor>((_, registry, services) => Decisions(
            plane, store, registry.Get<SessionOwners>(), askers, services.GetService<ILoggerFactory>().CreateLogger<SessionDecisionsActor>()));

    private static Props Decisions(DataPlane plane, IBindingStore store, IActorRef owners, Askers<BackendName> askers, ILogger<SessionDecisionsActor> logger) =>
        Props.Create(() => new SessionDecisionsActor(plane, store, owners, askers, logger));

    private static Props Removed(DataPlane plane)
    {
        var memory = new RemovedPools();
        return Props.Create(() => new RemovedPoolsActor(plane, memory));
    }

    private static Props Relay(IActorRef owners, OwnersHere here) => Props.Create(() => new SessionRelayActor(owners, here));

    private static Props Feed(DataPlane plane, IActorRef relay) => Props.Create(() => new SessionFeedActor(plane, relay));

    private static Props Moves(DataPlane plane, IActorRef owners) => Props.Create(() => new SessionMovesActor(plane, owners));
}
