using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Operator;
using ActorLb.Node.Routing;
using ActorLb.Node.Storage;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using Akka.Actor;
using Akka.DistributedData;
using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Health;

/// <summary>Puts health, routing and operator states into a node's actor system.</summary>
public static class HealthAndRouting
{
    /// <summary>
    /// Registers the serializers and starts the actors: /user/operator, /user/health-board, /user/health, /user/circuits,
    /// /user/host-names, and /user/pools with two for each pool. Needs distributed data; takes part in a cluster by MembershipChanged events, and works
    /// alone until the first one. Logs by the host's ILoggerFactory.
    /// </summary>
    /// <param name="seed">Of the jitter between probes; different on each node.</param>
    /// <param name="store">Keeps the operator's decisions over restarts.</param>
    /// <param name="resolver">Looks the names of backends up.</param>
    public static AkkaConfigurationBuilder WithHealthAndRouting(
        this AkkaConfigurationBuilder builder, DataPlane plane, HealthCapability capability, TimeProvider time, int seed, IStateStore store, INameResolver resolver) =>
        builder.WithHealthAndRouting(plane, capability, time, seed, store, Probes.Of(plane), resolver);

    internal static AkkaConfigurationBuilder WithHealthAndRouting(
        this AkkaConfigurationBuilder builder,
        DataPlane plane,
        HealthCapability capability,
        TimeProvider time,
        int seed,
        IStateStore store,
        ProbeFactory probes,
        INameResolver? resolver = null) => builder
        .WithWireSerializer("actorlb-health", HealthSerializer.Table, system => new HealthSerializer(system))
        .WithWireSerializer("actorlb-operator", OperatorSerializer.Table, system => new OperatorSerializer(system))
        .WithActors((system, registry, services) =>
            Start(system, registry, plane, capability, services.GetService<ILoggerFactory>(), time, seed, store, probes, resolver ?? SystemNameResolver.Instance));

    private static void Start(
        ActorSystem system,
        IActorRegistry registry,
        DataPlane plane,
        HealthCapability capability,
        ILoggerFactory loggers,
        TimeProvider time,
        int seed,
        IStateStore store,
        ProbeFactory probes,
        INameResolver resolver)
    {
        IActorRef replicator = DistributedData.Get(system).Replicator;
        ILogger<OperatorActor> operatorLogger = loggers.CreateLogger<OperatorActor>();
        ILogger<CircuitActor> circuitLogger = loggers.CreateLogger<CircuitActor>();
        ILogger<HealthBoardActor> boardLogger = loggers.CreateLogger<HealthBoardActor>();
        IActorRef decisions = system.ActorOf(
            Props.Create(() => new OperatorActor(plane, capability, operatorLogger, replicator, store)), OperatorActor.Name);
        system.ActorOf(Props.Create(() => new CircuitActor(plane, circuitLogger, time)), CircuitActor.Name);
        IActorRef board = system.ActorOf(
            Props.Create(() => new HealthBoardActor(plane, capability, boardLogger, time)), HealthBoardActor.Name);
        IActorRef health = system.ActorOf(
            Props.Create(() => new HealthSupervisorActor(
                plane.Settings.Name,
                plane.Routing.Pools.ToImmutableDictionary(p => p.Key, p => p.Value.Settings),
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
        ILogger<HostNamesActor> hostsLogger = loggers.CreateLogger<HostNamesActor>();
        system.ActorOf(Props.Create(() => new HostNamesActor(plane, resolver, hostsLogger, time)), HostNamesActor.Name);
        system.ActorOf(Props.Create(() => new KnownBackendsActor(plane)), KnownBackendsActor.Name);
        ILogger<PoolBackendsActor> poolLogger = loggers.CreateLogger<PoolBackendsActor>();
        system.ActorOf(
            Props.Create(() => new PoolsActor(
                plane,
                pool => Props.Create(() => new RouterActor(pool, plane, capability, time)),
                pool => Props.Create(() => new PoolBackendsActor(pool, plane, resolver, poolLogger, time)))),
            PoolsActor.Name);

        registry.Register<OperatorActor>(decisions);
        registry.Register<HealthBoardActor>(board);
        registry.Register<HealthSupervisorActor>(health);
    }
}
