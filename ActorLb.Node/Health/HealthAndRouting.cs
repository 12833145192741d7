using ActorLb.Engine;
using ActorLb.Node.Operator;
using ActorLb.Node.Routing;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using Akka.Actor;
using Akka.DistributedData;
using Akka.Hosting;

namespace ActorLb.Node.Health;

/// <summary>Puts health, routing and operator states into a node's actor system.</summary>
public static class HealthAndRouting
{
    /// <summary>
    /// Registers the serializers and starts the actors: /user/operator, /user/health-board, /user/health, /user/circuits
    /// and a router per pool. Needs distributed data; takes part in a cluster by MembershipChanged events, and works
    /// alone until the first one.
    /// </summary>
    /// <param name="seed">Of the jitter between probes; different on each node.</param>
    public static AkkaConfigurationBuilder WithHealthAndRouting(
        this AkkaConfigurationBuilder builder, DataPlane plane, HealthCapability capability, TimeProvider time, int seed) =>
        builder.WithHealthAndRouting(plane, capability, time, seed, Probes.Of);

    internal static AkkaConfigurationBuilder WithHealthAndRouting(
        this AkkaConfigurationBuilder builder,
        DataPlane plane,
        HealthCapability capability,
        TimeProvider time,
        int seed,
        ProbeFactory probes) => builder
        .WithWireSerializer("actorlb-health", HealthSerializer.Table, system => new HealthSerializer(system))
        .WithWireSerializer("actorlb-operator", OperatorSerializer.Table, system => new OperatorSerializer(system))
        .WithActors((system, registry) => Start(system, registry, plane, capability, time, seed, probes));

    private static void Start(
        ActorSystem system,
        IActorRegistry registry,
        DataPlane plane,
        HealthCapability capability,
        TimeProvider time,
        int seed,
        ProbeFactory probes)
    {
        // A control plane that starts again has no members yet, whatever the one before knew.
        capability.Membership = null;
        foreach (string pool in plane.Settings.Pools.Keys)
        {
            system.ActorOf(
                Props.Create(() => new RouterActor(pool, plane, capability, time)), $"router-{Uri.EscapeDataString(pool)}");
        }

        IActorRef replicator = DistributedData.Get(system).Replicator;
        IActorRef decisions = system.ActorOf(
            Props.Create(() => new OperatorActor(plane, capability, time, replicator)), OperatorActor.Name);
        system.ActorOf(Props.Create(() => new CircuitActor(plane, capability, time)), CircuitActor.Name);
        IActorRef board = system.ActorOf(
            Props.Create(() => new HealthBoardActor(plane, capability, time)), HealthBoardActor.Name);
        IActorRef health = system.ActorOf(
            Props.Create(() => new HealthSupervisorActor(
                plane.Settings,
                capability,
                (pool, backend, monitorSeed) => Props.Create(() => new HealthMonitorActor(
                    new BackendName(pool.Name, backend.Id),
                    plane.Settings.Name,
                    pool.Health,
                    () => probes(pool, backend),
                    time,
                    monitorSeed,
                    board)),
                seed,
                board)),
            HealthSupervisorActor.Name);
        registry.Register<OperatorActor>(decisions);
        registry.Register<HealthBoardActor>(board);
        registry.Register<HealthSupervisorActor>(health);
    }
}
