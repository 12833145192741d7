using ActorLb.Node.Admin;
using ActorLb.Node.Affinity.TicketKeys;
using ActorLb.Node.Cluster;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Nodes;

/// <summary>Takes wishes about ticket keys to the control plane that runs now.</summary>
internal sealed class TicketKeyDesk(ControlPlane control) : ITicketKeyDesk
{
    private static readonly TimeSpan DescribeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>What a rotation's answer waits for, and some for the way.</summary>
    private static readonly TimeSpan RotateTimeout = TicketKeyBounds.RotationAnswer + TimeSpan.FromSeconds(3);

    public Task<TicketKeyReport> DescribeAsync(CancellationToken cancellation) =>
        AskAsync<TicketKeyReport>(DescribeTicketKeys.Instance, DescribeTimeout, cancellation);

    public Task<TicketKeysRotated> RotateAsync(RotateTicketKeys wish, CancellationToken cancellation) =>
        AskAsync<TicketKeysRotated>(wish, RotateTimeout, cancellation);

    private async Task<T> AskAsync<T>(object wish, TimeSpan timeout, CancellationToken cancellation)
    {
        if (control.System is not { } system)
        {
            throw new TimeoutException("the control plane is starting again");
        }

        try
        {
            return await system.ActorSelection("/user/" + TicketKeyActor.Name).Ask<T>(wish, timeout, cancellation);
        }
        catch (AskTimeoutException e)
        {
            throw new TimeoutException("the control plane did not answer", e);
        }
    }
}
