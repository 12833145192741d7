using ActorLb.Node.Admin;
using ActorLb.Node.Cluster;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Nodes;

/// <summary>Takes changes of the ticket keys to the control plane that runs now.</summary>
internal sealed class TicketKeyDesk(ControlPlane control) : ITicketKeyDesk
{
    private static readonly TimeSpan DescribeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>What a rotation's answer waits for, and some for the way.</summary>
    private static readonly TimeSpan RotateTimeout = TicketKeyBounds.RotationAnswer + TimeSpan.FromSeconds(3);

    public Task<TicketKeyReport> DescribeAsync(CancellationToken cancellation) =>
        control.AskAsync<TicketKeyActor, TicketKeyReport>(DescribeTicketKeys.Instance, DescribeTimeout, cancellation);

    public Task<TicketKeysRotated> RotateAsync(RotateTicketKeys request, CancellationToken cancellation) =>
        control.AskAsync<TicketKeyActor, TicketKeysRotated>(request, RotateTimeout, cancellation);
}
