using ActorLb.Engine.Listeners;

namespace ActorLb.Node.Cluster;

/// <summary>The control plane cannot start; the message says what the operator can do about it.</summary>
internal sealed class ControlPlaneException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Names the cause where it is one that operators meet.</summary>
    internal static ControlPlaneException Of(string address, Exception e)
    {
        string why = BindFailure.Why(e);
        return new ControlPlaneException($"the control plane cannot listen on {address} (cluster.host, cluster.port): {why}", e);
    }
}
