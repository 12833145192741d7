using ActorLb.Node.Supervision;
using Akka.Actor;
using Akka.Hosting;
using Akka.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorLb.Tests.Supervision;

/// <summary>Actors under a node's supervisor, where a node has them, in an actor system of a test.</summary>
internal static class TestNodeActors
{
    /// <summary>One that is found as the node's T.</summary>
    public static IActorRef StartNodeActor<T>(this TestKitBase kit, Props props, ILoggerFactory? loggers = null, TimeProvider? time = null)
        where T : INodeActor
    {
        ActorRegistry registry = ActorRegistry.For(kit.Sys);
        if (!registry.TryGet<NodeSupervisorActor>(out IActorRef? supervisor))
        {
            loggers ??= NullLoggerFactory.Instance;
            time ??= TimeProvider.System;
            supervisor = kit.Sys.ActorOf(Props.Create(() => new NodeSupervisorActor(loggers, time)), NodeSupervisorActor.Name);
            registry.Register<NodeSupervisorActor>(supervisor);
        }

        TestProbe asker = kit.CreateTestProbe();
        supervisor.Tell(new StartSupervised(props, T.Name), asker);
        IActorRef actor = asker.ExpectMsg<NodeActorStarted>().Actor;
        registry.Register<T>(actor);
        return actor;
    }
}
