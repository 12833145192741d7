using ActorLb.Node.Admin;
using ActorLb.Node.Cluster;
using ActorLb.Node.Operator;
using ActorLb.Node.Overlays;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Nodes;

/// <summary>Takes the operator's decisions to the control plane that runs now.</summary>
internal sealed class OperatorDesk(ControlPlane control) : IOperatorDesk, IBackendDesk
{
    /// <summary>The majority's three seconds, and some for the way.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    public Task<BackendStateSet> SetAsync(SetBackendState change, CancellationToken cancellation) =>
        AskAsync<BackendStateSet>(OperatorActor.Name, change, cancellation);

    public Task<BackendsChanged> ChangeAsync(BackendChange change, CancellationToken cancellation) =>
        AskAsync<BackendsChanged>(OverlayActor.Name, change, cancellation);

    private async Task<T> AskAsync<T>(string actor, object change, CancellationToken cancellation)
    {
        if (control.System is not { } system)
        {
            throw new TimeoutException("the control plane is starting again");
        }

        try
        {
            return await system.ActorSelection("/user/" + actor).Ask<T>(change, AnswerTimeout, cancellation);
        }
        catch (AskTimeoutException e)
        {
            throw new TimeoutException("the control plane did not answer", e);
        }
    }
}
