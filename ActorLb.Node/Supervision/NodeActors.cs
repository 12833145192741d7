using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Supervision;

/// <summary>
/// How a node's actors are started and found: on their own node by the registry, under their type; on another node by a path that
/// their type gives. No other file knows a path.
/// </summary>
internal static class NodeActors
{
    /// <summary>Only a parent that does not answer at all takes so long: it ends the start of the control plane.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Starts one under the node's supervisor, after those that were added before it, and registers it.</summary>
    public static AkkaConfigurationBuilder WithNodeActor<T>(
        this AkkaConfigurationBuilder builder, Func<ActorSystem, IReadOnlyActorRegistry, IDependencyResolver, Props> props)
        where T : ActorBase, INodeActor => builder.WithActors(new ActorStarterWithResolver(async (system, registry, services) =>
        {
            IActorRef supervisor = Supervisor(system, registry, services);
            NodeActorStarted started = await supervisor.Ask<NodeActorStarted>(new StartSupervised(props(system, ActorRegistry.For(system), services), T.Name), StartTimeout);
            registry.Register<T>(started.Actor);
        }));

    /// <summary>This node's; nobody where it has none, or none yet.</summary>
    public static IActorRef Own<T>(this ActorSystem system)
        where T : INodeActor => ActorRegistry.For(system).TryGet<T>(out IActorRef? actor) ? actor : ActorRefs.Nobody;

    /// <summary>That of the node at an address, which may be this one.</summary>
    public static ActorSelection At<T>(this IActorRefFactory from, Address node)
        where T : INodeActor => from.ActorSelection(PathAt<T>(node));

    /// <param name="node">As members are told: akka.tcp://name@host:port.</param>
    public static ActorSelection At<T>(this IActorRefFactory from, string node)
        where T : INodeActor => from.At<T>(Address.Parse(node));

    public static ActorPath PathAt<T>(Address node)
        where T : INodeActor => new RootActorPath(node) / "user" / NodeSupervisorActor.Name / T.Name;

    private static IActorRef Supervisor(ActorSystem system, IActorRegistry registry, IDependencyResolver services)
    {
        if (ActorRegistry.For(system).TryGet<NodeSupervisorActor>(out IActorRef? known))
        {
            return known;
        }

        ILoggerFactory loggers = services.GetService<ILoggerFactory>();
        TimeProvider time = services.GetService<TimeProvider>();
        IActorRef supervisor = system.ActorOf(Props.Create(() => new NodeSupervisorActor(loggers, time)), NodeSupervisorActor.Name);
        registry.Register<NodeSupervisorActor>(supervisor);
        return supervisor;
    }
}
