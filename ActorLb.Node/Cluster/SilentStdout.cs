using Akka.Event;

namespace ActorLb.Node.Cluster;

/// <summary>
/// What Akka writes to standard output by itself: nothing. Whatever its level, an actor system that ends would print there
/// what its loggers have not come to. Akka creates it by the name in hocon/akka.conf.
/// </summary>
internal sealed class SilentStdout : MinimalLogger
{
    protected override void Log(object message)
    {
    }
}
