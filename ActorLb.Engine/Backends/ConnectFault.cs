using System.Net.Sockets;
using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Backends;

/// <summary>Whether a connect failed by what this process or machine lacks: it says nothing about the backend.</summary>
public static class ConnectFault
{
    /// <param name="error">An error's number on Linux. Without ports left for a destination, connect says EADDRNOTAVAIL or EAGAIN (connect(2)).</param>
    public static bool IsOurOwn(int error) => error
        is Linux.TooManyFiles
        or Linux.TooManyFilesInSystem
        or Linux.NoBuffers
        or Linux.NoMemory
        or Linux.AddressNotAvailable
        or Linux.Again;

    public static bool IsOurOwn(SocketError error) => error
        is SocketError.TooManyOpenSockets
        or SocketError.NoBufferSpaceAvailable
        or SocketError.AddressNotAvailable
        or SocketError.WouldBlock;

    /// <summary>Of what was thrown, or what caused it.</summary>
    public static bool IsOurOwn(Exception? exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is SocketException socket)
            {
                return IsOurOwn(socket.SocketErrorCode);
            }
        }

        return false;
    }
}
