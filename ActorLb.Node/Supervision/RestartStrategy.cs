using Akka.Actor;
using Akka.Actor.Internal;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Supervision;

/// <summary>
/// Has an actor that failed start anew, whatever failed: a message, its constructor, its start. Its reference, its mailbox and who
/// watches it stay; only the message at which it failed is gone. Where it fails again, its mailbox waits for
/// <see cref="RestartState.Pause"/> before it starts. Nothing else is affected. Used in the mailbox of its parent alone.
/// </summary>
internal sealed class RestartStrategy(ILogger logger, TimeProvider time)
    : OneForOneStrategy(-1, -1, _ => Directive.Restart, loggingEnabled: false)
{
    private readonly Dictionary<IActorRef, Failing> _failing = [];

    public override void ProcessFailure(
        IActorContext context, bool restart, IActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children)
    {
        Failing before = _failing.GetValueOrDefault(child, Failing.Never);
        Exception why = Reason(cause);
        var failing = new Failing(before.State.Failed(time.GetElapsedTime(0)), why.Message, null);
        Tell(child, failing.State, why, isKnown: failing.State.Failures > 1 && why.Message == before.Why);
        before.Timer?.Dispose();
        if (failing.State.Pause == TimeSpan.Zero)
        {
            RestartChild(child, cause, suspendFirst: false);
        }
        else
        {
            // An actor that failed handles nothing until it is told to start anew: what comes meanwhile stays in its mailbox.
            failing = failing with
            {
                Timer = time.CreateTimer(_ => RestartChild(child, cause, suspendFirst: false), null, failing.State.Pause, Timeout.InfiniteTimeSpan),
            };
        }

        _failing[child] = failing;
    }

    public override void HandleChildTerminated(IActorContext actorContext, IActorRef child, IEnumerable<IInternalActorRef> children)
    {
        if (_failing.Remove(child, out Failing? failing))
        {
            failing.Timer?.Dispose();
        }
    }

    // What Akka wraps round the failure of a constructor says that it failed, not why.
    private static Exception Reason(Exception cause) => cause is ActorInitializationException ? cause.GetBaseException() : cause;

    private void Tell(IActorRef child, RestartState state, Exception why, bool isKnown)
    {
        string name = child.Path.ToStringWithoutAddress();
        if (!isKnown)
        {
            Log.ActorFailed(logger, why, name);
        }
        else if (state.BeginsToLast)
        {
            Log.ActorFailsOn(logger, name, state.Failures, RestartState.PauseMax.TotalSeconds, why.Message);
        }
    }

    private sealed record Failing(RestartState State, string Why, ITimer? Timer)
    {
        public static readonly Failing Never = new(default, "", null);
    }
}
