using System.Buffers.Binary;
using System.Net;
using System.Numerics;

namespace ActorLb.Engine.ProxyProtocol;

/// <summary>A header of version 2 (proxy-protocol.txt, 2.2). Pure.</summary>
internal static class BinaryHeader
{
    /// <summary>Signature, version and command, family, length.</summary>
    public const int HeadBytes = 16;

    /// <summary>Of what follows: addresses take 216 bytes at most, and what proxies add is some hundred. The field itself could say 64 KiB.</summary>
    public const int LengthMax = 4096;

    /// <summary>Version 2 with LOCAL, and with PROXY.</summary>
    public const byte Local = (Version << 4) | LocalCommand;
    public const byte Proxied = (Version << 4) | ProxyCommand;

    public const byte TcpOverIPv4 = 0x11;
    public const byte TcpOverIPv6 = 0x21;

    /// <summary>Two addresses and two ports.</summary>
    public const int AddressesV4 = 12;
    public const int AddressesV6 = 36;

    private const int Version = 2;
    private const int LocalCommand = 0;
    private const int ProxyCommand = 1;
    private const int AddressesUnix = 216;
    private const int ExtensionHeadBytes = 3;
    private const byte ChecksumExtension = 0x03;
    private const int ChecksumBytes = 4;
    private const byte TlsExtension = 0x20;

    /// <summary>Which of these holds, and whether the proxy could verify the client's certificate; more extensions follow within it.</summary>
    private const int TlsBytesMin = 5;
    private const byte ClientSpeaksTls = 1;

    public static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <param name="input">Begins as the signature, as far as it goes.</param>
    public static ProxyHeaderResult Parse(ReadOnlySpan<byte> input)
    {
        if (input.Length > Signature.Length && input[Signature.Length] is var first)
        {
            if (first >> 4 != Version)
            {
                return ProxyHeaderResult.Rejected(ProxyHeaderFault.Version);
            }

            if ((first & 0x0F) is not (LocalCommand or ProxyCommand))
            {
                return ProxyHeaderResult.Rejected(ProxyHeaderFault.Command);
            }
        }

        if (input.Length < HeadBytes)
        {
            return ProxyHeaderResult.NeedMore;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(input[(HeadBytes - 2)..]);
        if (length > LengthMax)
        {
            return ProxyHeaderResult.Rejected(ProxyHeaderFault.TooLong);
        }

        bool isLocal = (input[Signature.Length] & 0x0F) == LocalCommand;
        byte family = input[Signature.Length + 1];
        int addresses = isLocal ? 0 : AddressBytesOf(family);
        if (addresses < 0)
        {
            return ProxyHeaderResult.Rejected(ProxyHeaderFault.Family);
        }

        if (length < addresses)
        {
            return ProxyHeaderResult.Rejected(ProxyHeaderFault.Addresses);
        }

        return input.Length < HeadBytes + length ? ProxyHeaderResult.NeedMore
            : isLocal ? ProxyHeaderResult.Complete(HeadBytes + length)
            : Read(input[..(HeadBytes + length)], family, addresses);
    }

    /// <summary>-1: there is no such family and protocol.</summary>
    private static int AddressBytesOf(byte family) => family switch
    {
        0x00 => 0,
        TcpOverIPv4 or 0x12 => AddressesV4,
        TcpOverIPv6 or 0x22 => AddressesV6,
        0x31 or 0x32 => AddressesUnix,
        _ => -1,
    };

    private static ProxyHeaderResult Read(ReadOnlySpan<byte> header, byte family, int addresses)
    {
        ProxyHeaderFault fault = ReadExtensions(header, HeadBytes + addresses, out bool isTls);
        if (fault != ProxyHeaderFault.None)
        {
            return ProxyHeaderResult.Rejected(fault);
        }

        // Whoever came by UDP or a local socket of the proxy's has no address that means anything here.
        if (family is not (TcpOverIPv4 or TcpOverIPv6))
        {
            return ProxyHeaderResult.Complete(header.Length);
        }

        int bytes = family == TcpOverIPv4 ? 4 : 16;
        ReadOnlySpan<byte> ports = header[(HeadBytes + (2 * bytes))..];
        return ProxyHeaderResult.Complete(header.Length, new AnnouncedClient(
            new IPEndPoint(AddressOf(header.Slice(HeadBytes, bytes)), BinaryPrimitives.ReadUInt16BigEndian(ports)),
            new IPEndPoint(AddressOf(header.Slice(HeadBytes + bytes, bytes)), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])),
            isTls));
    }

    private static IPAddress AddressOf(ReadOnlySpan<byte> bytes)
    {
        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    // Type, length and value, one after the other. Those that are not known are skipped.
    private static ProxyHeaderFault ReadExtensions(ReadOnlySpan<byte> header, int at, out bool isTls)
    {
        isTls = false;
        while (at < header.Length)
        {
            int length = header.Length - at < ExtensionHeadBytes ? -1 : BinaryPrimitives.ReadUInt16BigEndian(header[(at + 1)..]);
            if (length < 0 || length > header.Length - at - ExtensionHeadBytes)
            {
                return ProxyHeaderFault.Extensions;
            }

            ReadOnlySpan<byte> value = header.Slice(at + ExtensionHeadBytes, length);
            switch (header[at])
            {
                case ChecksumExtension when length != ChecksumBytes:
                case TlsExtension when length < TlsBytesMin:
                    return ProxyHeaderFault.Extensions;
                case ChecksumExtension when BinaryPrimitives.ReadUInt32BigEndian(value) != ChecksumOf(header, at + ExtensionHeadBytes):
                    return ProxyHeaderFault.Checksum;
                case TlsExtension:
                    isTls = (value[0] & ClientSpeaksTls) != 0;
                    break;
            }

            at += ExtensionHeadBytes + length;
        }

        return ProxyHeaderFault.None;
    }

    /// <summary>CRC-32C of the header, with zeros where the checksum itself stands (RFC 4960, B).</summary>
    private static uint ChecksumOf(ReadOnlySpan<byte> header, int checksumAt)
    {
        uint crc = uint.MaxValue;
        for (int i = 0; i < header.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, i >= checksumAt && i < checksumAt + ChecksumBytes ? (byte)0 : header[i]);
        }

        return ~crc;
    }
}
