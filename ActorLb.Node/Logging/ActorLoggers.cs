using Akka.Actor;
using Akka.Hosting.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorLb.Node.Logging;

/// <summary>
/// The logger of an actor of ours: the process's, under the actor's type. Akka's own would put Akka's category, thread and
/// path before each text.
/// </summary>
internal static class ActorLoggers
{
    /// <summary>Logs nothing in an actor system that ControlPlane has not started.</summary>
    public static ILogger LoggerOf<TActor>(this IActorContext context)
        where TActor : ActorBase
    {
        var setup = context.System.Settings.Setup.Get<LoggerFactorySetup>();
        return setup.HasValue ? setup.Value.LoggerFactory.CreateLogger<TActor>() : NullLogger<TActor>.Instance;
    }
}
