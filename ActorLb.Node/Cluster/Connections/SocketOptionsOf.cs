using System.Net.Sockets;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>How connections between nodes are set up.</summary>
internal static class SocketOptionsOf
{
    public static void Node(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }
}
