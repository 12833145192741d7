using System.Buffers.Binary;
using System.Net.Sockets;

namespace ActorLb.Engine.Transport;

/// <summary>What Linux tells of a TCP connection (struct tcp_info, linux/tcp.h).</summary>
internal static class TcpFigures
{
    public const int Level = 6;
    public const int Option = 11;

    /// <summary>Up to tcpi_bytes_acked and with it.</summary>
    public const int Bytes = 128;

    private const int AckedAt = 120;

    /// <summary>TCP_CLOSE, a value of tcpi_state, which is the first byte.</summary>
    private const byte Closed = 7;

    /// <summary>Bytes that the peer has taken: what it has not lies in the system's buffer, which may be megabytes.</summary>
    /// <param name="info">The option's value.</param>
    public static long Acked(ReadOnlySpan<byte> info) =>
        info.Length < Bytes ? 0 : (long)(BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(info[AckedAt..]) : BinaryPrimitives.ReadUInt64BigEndian(info[AckedAt..]));

    /// <summary>The same of a socket; null where the system does not tell.</summary>
    public static long? AckedOf(Socket socket)
    {
        Span<byte> info = stackalloc byte[Bytes];
        return Read(socket, info) < Bytes ? null : Acked(info);
    }

    /// <summary>Whether both halves of it are gone, as after a reset. Elsewhere than on Linux it is known once sending has failed.</summary>
    public static bool IsClosed(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return !socket.Connected;
        }

        Span<byte> info = stackalloc byte[1];
        return Read(socket, info) == info.Length && info[0] == Closed;
    }

    private static int Read(Socket socket, Span<byte> info)
    {
        try
        {
            return OperatingSystem.IsLinux() ? socket.GetRawSocketOption(Level, Option, info) : 0;
        }
        catch (ObjectDisposedException)
        {
            // It was closed here: it is what it was when it was closed.
            info[0] = Closed;
            return 1;
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
