using ActorLb.Shared.Messages;

namespace ActorLb.Node.Admin;

/// <summary>Where the operator's decisions are taken to; the control plane stands behind it.</summary>
public interface IOperatorDesk
{
    /// <summary>Records the decision in the cluster; answers when a majority has it, or says that it has not.</summary>
    /// <exception cref="TimeoutException">The control plane did not answer: whether it is recorded is not known.</exception>
    Task<BackendStateSet> SetAsync(SetBackendState change, CancellationToken cancellation);
}
