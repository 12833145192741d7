using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Supervision;

/// <summary>
/// The parent of a node's actors. Starts them in the order in which they come, and has one that fails start anew for as long as it
/// takes, and those below them as well: see <see cref="RestartStrategy"/>.
/// </summary>
internal sealed class NodeSupervisorActor : ReceiveActor
{
    public const string Name = "node";

    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    public NodeSupervisorActor(ILoggerFactory loggers, TimeProvider time)
    {
        _logger = loggers.CreateLogger<NodeSupervisorActor>();
        _time = time;
        Receive<StartSupervised>(OnStart);
    }

    protected override SupervisorStrategy SupervisorStrategy() => new RestartStrategy(_logger, _time);

    // Those below it go on as they are, whatever becomes of it.
    protected override void PreRestart(Exception reason, object message)
    {
    }

    private void OnStart(StartSupervised start)
    {
        try
        {
            Sender.Tell(new NodeActorStarted(Context.ActorOf(start.Props.WithSupervisorStrategy(new RestartStrategy(_logger, _time)), start.Name)));
        }
        catch (Exception e)
        {
            Sender.Tell(new Status.Failure(e));
        }
    }
}
