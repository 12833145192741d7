using ActorLb.Node.Overlays;

namespace ActorLb.Node.Admin;

/// <summary>Where decisions about backends are taken to; the control plane stands behind it.</summary>
internal interface IBackendDesk
{
    /// <summary>
    /// Records the decision in the cluster; answers when a majority keeps it and every node that can be reached goes by it,
    /// or says who does not.
    /// </summary>
    /// <exception cref="BackendChangeException">It cannot be; nothing was changed.</exception>
    /// <exception cref="TimeoutException">The control plane did not answer: whether it is recorded is not known.</exception>
    Task<BackendsChanged> ChangeAsync(BackendChange change, CancellationToken cancellation);
}
