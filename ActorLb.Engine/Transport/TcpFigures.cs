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

    /// <summary>Bytes that the peer has taken: what it has not lies in the system's buffer, which may be megabytes.</summary>
    /// <param name="info">The option's value.</param>
    public static long Acked(ReadOnlySpan<byte> info) =>
        info.Length < Bytes ? 0 : (long)(BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(info[AckedAt..]) : BinaryPrimitives.ReadUInt64BigEndian(info[AckedAt..]));

    /// <summary>The same of a socket; null where the system does not tell.</summary>
    public static long? AckedOf(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> info = stackalloc byte[Bytes];
        try
        {
            int length = socket.GetRawSocketOption(Level, Option, info);
            return length < Bytes ? null : Acked(info);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
