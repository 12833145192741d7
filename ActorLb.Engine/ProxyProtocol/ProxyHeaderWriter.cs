using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.ProxyProtocol;

/// <summary>Writes the header of the PROXY protocol with which a connection to a backend begins. Pure.</summary>
public static class ProxyHeaderWriter
{
    /// <summary>That of a connection which brings no client, as a probe's: LOCAL in version 2, UNKNOWN in version 1. Empty where there is none.</summary>
    public static byte[] WithoutClient(ProxyHeaderVersion version) => version switch
    {
        ProxyHeaderVersion.V1 => "PROXY UNKNOWN\r\n"u8.ToArray(),
        ProxyHeaderVersion.V2 => [.. BinaryHeader.Signature, BinaryHeader.Local, 0, 0, 0],
        _ => [],
    };

    /// <summary>That of a client's connection. Empty where there is none.</summary>
    internal static byte[] Of(ProxyHeaderVersion version, AnnouncedClient client)
    {
        IPAddress source = Plain(client.Source.Address);
        IPAddress destination = Plain(client.Destination.Address);
        bool isV4 = source.AddressFamily == AddressFamily.InterNetwork && destination.AddressFamily == AddressFamily.InterNetwork;
        if (!isV4)
        {
            // A header has one family for both.
            source = source.MapToIPv6();
            destination = destination.MapToIPv6();
        }

        return version switch
        {
            ProxyHeaderVersion.V1 => Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"PROXY TCP{(isV4 ? 4 : 6)} {source} {destination} {client.Source.Port} {client.Destination.Port}\r\n")),
            ProxyHeaderVersion.V2 =>
            [
                .. BinaryHeader.Signature,
                BinaryHeader.Proxied,
                isV4 ? BinaryHeader.TcpOverIPv4 : BinaryHeader.TcpOverIPv6,
                0,
                (byte)(isV4 ? BinaryHeader.AddressesV4 : BinaryHeader.AddressesV6),
                .. source.GetAddressBytes(),
                .. destination.GetAddressBytes(),
                .. PortBytes(client.Source.Port),
                .. PortBytes(client.Destination.Port),
            ],
            _ => [],
        };
    }

    // Without the interface of a link-local address, which means nothing elsewhere.
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes());

    private static byte[] PortBytes(int port)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)port);
        return bytes;
    }
}
