using System.Net.Sockets;

namespace ActorLb.Node.Cluster;

/// <summary>The control plane cannot start; the message says what the operator can do about it.</summary>
public sealed class ControlPlaneException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Names the cause where it is one that operators meet.</summary>
    internal static ControlPlaneException Of(string address, Exception e)
    {
        string why = Causes(e).OfType<SocketException>().FirstOrDefault() switch
        {
            { SocketErrorCode: SocketError.AddressAlreadyInUse } => "another process listens there",
            { SocketErrorCode: SocketError.AddressNotAvailable } => "this machine has no such address",
            { } socket => socket.Message,
            null => Causes(e).Last().Message,
        };
        return new ControlPlaneException($"the control plane cannot listen on {address}: {why}", e);
    }

    private static IEnumerable<Exception> Causes(Exception e)
    {
        yield return e;
        IEnumerable<Exception> inner = e is AggregateException several ? several.InnerExceptions : e.InnerException is { } one ? [one] : [];
        foreach (Exception cause in inner.SelectMany(Causes))
        {
            yield return cause;
        }
    }
}
