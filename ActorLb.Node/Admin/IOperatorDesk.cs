using ActorLb.Shared.Messages;

namespace ActorLb.Node.Admin;

/// <summary>Where the operator's decisions are taken to; the control plane stands behind it.</summary>
internal interface IOperatorDesk
{
    /// <summary>
    /// Records the decision in the cluster; answers when a majority keeps it and every node that can be reached goes by it,
    /// or says who does not.
    /// </summary>
    /// <exception cref="TimeoutException">The control plane did not answer: whether it is recorded is not known.</exception>
    Task<BackendStateSet> SetAsync(SetBackendState change, CancellationToken cancellation);
}
