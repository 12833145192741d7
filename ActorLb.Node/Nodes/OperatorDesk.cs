using ActorLb.Node.Admin;
using ActorLb.Node.Cluster;
using ActorLb.Node.Operator;
using ActorLb.Node.Overlays;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Nodes;

/// <summary>Takes the operator's decisions to the control plane that runs now.</summary>
internal sealed class OperatorDesk(ControlPlane control) : IOperatorDesk, IBackendDesk
{
    /// <summary>The majority's three seconds, and some for the way.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    public Task<BackendStateSet> SetAsync(SetBackendState change, CancellationToken cancellation) =>
        control.AskAsync<OperatorActor, BackendStateSet>(change, AnswerTimeout, cancellation);

    public Task<BackendsChanged> ChangeAsync(BackendChange change, CancellationToken cancellation) =>
        control.AskAsync<OverlayActor, BackendsChanged>(change, AnswerTimeout, cancellation);
}
