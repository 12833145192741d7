using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace ActorLb.Tests.ProxyProtocol;

/// <summary>Headers of the PROXY protocol's version 2, written by its specification.</summary>
internal static class BinaryHeaders
{
    public static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    public static byte[] Of(byte command, byte family, params byte[] rest) =>
        [.. Signature, command, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];

    public static byte[] Of(string source, string destination, params byte[] extensions)
    {
        IPEndPoint from = IPEndPoint.Parse(source);
        IPEndPoint to = IPEndPoint.Parse(destination);
        byte[] addresses = [.. from.Address.GetAddressBytes(), .. to.Address.GetAddressBytes(), .. Two(from.Port), .. Two(to.Port)];
        return Of(0x21, from.Address.GetAddressBytes().Length == 4 ? (byte)0x11 : (byte)0x21, [.. addresses, .. extensions]);
    }

    public static byte[] Extension(byte type, params byte[] value) => [type, .. Two(value.Length), .. value];

    /// <summary>That of TLS: what the client speaks, and the version within it.</summary>
    public static byte[] Tls(byte client) => Extension(0x20, [client, 0, 0, 0, 0, .. Extension(0x21, Encoding.ASCII.GetBytes("TLSv1.3"))]);

    private static byte[] Two(int number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        return bytes;
    }
}
