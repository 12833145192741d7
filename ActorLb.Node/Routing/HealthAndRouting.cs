using ActorLb.Engine;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Health;
using ActorLb.Node.Operator;
using ActorLb.Node.States;
using ActorLb.Node.Supervision;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using Akka.Actor;
using Akka.DependencyInjection;
using Akka.DistributedData;
using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Routing;

/// <summary>Puts health, routing and operator states into a node's actor system.</summary>
internal static class HealthAndRouting
{
    /// <summary>
    /// Registers the serializers and starts the actors: of decisions, circuits, verdicts, monitors, names, and two for each pool. Needs
    /// distributed data; takes part in a cluster by MembershipChanged events, and works alone until the first one. Logs by the host's
    /// ILoggerFactory.
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
        .WithNodeActor<OperatorActor>((system, _, services) => Operator(plane, capability, store, system, services))
        .WithNodeActor<CircuitActor>((_, _, services) => Circuits(plane, time, services))
        .WithNodeActor<HealthBoardActor>((_, _, services) => Board(plane, capability, time, services))
        .WithNodeActor<HealthSupervisorActor>((_, registry, _) => Monitors(plane, time, seed, probes, registry.Get<HealthBoardActor>()))
        .WithNodeActor<HostNamesActor>((_, _, services) => HostNames(plane, resolver ?? SystemNameResolver.Instance, time, services))
        .WithNodeActor<KnownBackendsActor>((_, _, _) => KnownBackends(plane))
        .WithNodeActor<PoolsActor>((_, _, services) => Pools(plane, capability, resolver ?? SystemNameResolver.Instance, time, services));

    private static Props Operator(DataPlane plane, HealthCapability capability, IStateStore store, ActorSystem system, IDependencyResolver services)
    {
        IActorRef replicator = DistributedData.Get(system).Replicator;
        ILogger<OperatorActor> logger = LoggerOf<OperatorActor>(services);
        return Props.Create(() => new OperatorActor(plane, capability, logger, replicator, store));
    }

    private static Props Circuits(DataPlane plane, TimeProvider time, IDependencyResolver services)
    {
        ILogger<CircuitActor> logger = LoggerOf<CircuitActor>(services);
        return Props.Create(() => new CircuitActor(plane, logger, time));
    }

    private static Props Board(DataPlane plane, HealthCapability capability, TimeProvider time, IDependencyResolver services)
    {
        ILogger<HealthBoardActor> logger = LoggerOf<HealthBoardActor>(services);
        return Props.Create(() => new HealthBoardActor(plane, capability, logger, time));
    }

    private static Props Monitors(DataPlane plane, TimeProvider time, int seed, ProbeFactory probes, IActorRef board) =>
        Props.Create(() => new HealthSupervisorActor(
            plane,
            (pool, backend, monitorSeed) => Props.Create(() => new HealthMonitorActor(
                new BackendName(pool.Name, backend.Id), plane.Settings.Name, pool.Health, () => probes(pool, backend), time, () => plane.Clock.UtcNow, monitorSeed, board)),
            seed,
            board));

    private static Props HostNames(DataPlane plane, INameResolver resolver, TimeProvider time, IDependencyResolver services)
    {
        ILogger<HostNamesActor> logger = LoggerOf<HostNamesActor>(services);
        return Props.Create(() => new HostNamesActor(plane, resolver, logger, time));
    }

    private static Props KnownBackends(DataPlane plane)
    {
        var memory = new ToldMemory();
        return Props.Create(() => new KnownBackendsActor(plane, memory));
    }

    private static Props Pools(DataPlane plane, HealthCapability capability, INameResolver resolver, TimeProvider time, IDependencyResolver services)
    {
        ILogger<PoolBackendsActor> logger = LoggerOf<PoolBackendsActor>(services);
        ILogger<RouterActor> routerLogger = LoggerOf<RouterActor>(services);
        HashSet<string> told = [];
        return Props.Create(() => new PoolsActor(
            plane,
            pool => Props.Create(() => new RouterActor(pool, plane, capability, routerLogger, time)),
            pool => Props.Create(() => new PoolBackendsActor(pool, plane, resolver, logger, time)),
            told));
    }

    private static ILogger<T> LoggerOf<T>(IDependencyResolver services) => services.GetService<ILoggerFactory>().CreateLogger<T>();
}
