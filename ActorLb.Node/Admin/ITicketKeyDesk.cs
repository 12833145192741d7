using ActorLb.Shared.Messages;

namespace ActorLb.Node.Admin;

/// <summary>Where changes of the shared ticket keys are taken to; the control plane stands behind it.</summary>
internal interface ITicketKeyDesk
{
    /// <summary>The keys, and how far a rotation is.</summary>
    /// <exception cref="TimeoutException">The control plane did not answer.</exception>
    Task<TicketKeyReport> DescribeAsync(CancellationToken cancellation);

    /// <summary>Begins a rotation, or takes part in the one that is under way; answers when its key signs on all nodes, or after a few seconds how far it is.</summary>
    /// <exception cref="TimeoutException">The control plane did not answer: whether it was begun is not known.</exception>
    Task<TicketKeysRotated> RotateAsync(RotateTicketKeys request, CancellationToken cancellation);
}
