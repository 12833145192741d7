using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorLb.Engine.ProxyProtocol;

/// <summary>A header of version 1: one line of text (proxy-protocol.txt, 2.1). Pure.</summary>
internal static class TextHeader
{
    /// <summary>With its line's end: the longest that two addresses of IPv6 make.</summary>
    public const int BytesMax = 107;

    private const int AddressBytesV4 = 4;
    private const int DigitsOfPort = 5;

    private static readonly SearchValues<byte> OfV6 = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    public static ReadOnlySpan<byte> Signature => "PROXY "u8;

    /// <param name="input">Begins as the signature, as far as it goes.</param>
    public static ProxyHeaderResult Parse(ReadOnlySpan<byte> input)
    {
        ReadOnlySpan<byte> head = input[..Math.Min(input.Length, BytesMax)];
        int end = head.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0)
        {
            return head.Length < BytesMax ? ProxyHeaderResult.NeedMore : ProxyHeaderResult.Rejected(ProxyHeaderFault.TooLong);
        }

        // A line feed alone is another end of a line to whoever is more lenient, and then the rest is another request.
        if (head[end] == '\n')
        {
            return ProxyHeaderResult.Rejected(ProxyHeaderFault.Line);
        }

        if (end + 1 == head.Length)
        {
            return head.Length < BytesMax ? ProxyHeaderResult.NeedMore : ProxyHeaderResult.Rejected(ProxyHeaderFault.TooLong);
        }

        return head[end + 1] == '\n' && TryRead(head[Signature.Length..end], out AnnouncedClient? client)
            ? ProxyHeaderResult.Complete(end + 2, client)
            : ProxyHeaderResult.Rejected(ProxyHeaderFault.Line);
    }

    // "UNKNOWN" and whatever follows it, or: family, source, destination, and their ports, with one space between them.
    private static bool TryRead(ReadOnlySpan<byte> line, out AnnouncedClient? client)
    {
        client = null;
        ReadOnlySpan<byte> rest = line;
        ReadOnlySpan<byte> family = Next(ref rest);
        if (family.SequenceEqual("UNKNOWN"u8))
        {
            return true;
        }

        bool isV4 = family.SequenceEqual("TCP4"u8);
        if (!isV4 && !family.SequenceEqual("TCP6"u8))
        {
            return false;
        }

        ReadOnlySpan<byte> source = Next(ref rest);
        ReadOnlySpan<byte> destination = Next(ref rest);
        ReadOnlySpan<byte> sourcePort = Next(ref rest);
        if (!TryReadAddress(source, isV4, out IPAddress? from)
            || !TryReadAddress(destination, isV4, out IPAddress? to)
            || !TryReadNumber(sourcePort, DigitsOfPort, IPEndPoint.MaxPort, out int fromPort)
            || !TryReadNumber(rest, DigitsOfPort, IPEndPoint.MaxPort, out int toPort))
        {
            return false;
        }

        client = new AnnouncedClient(new IPEndPoint(from!, fromPort), new IPEndPoint(to!, toPort), IsTls: false);
        return true;
    }

    /// <summary>What stands before the next space; the rest is what follows it.</summary>
    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        int space = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = space < 0 ? rest : rest[..space];
        rest = space < 0 ? default : rest[(space + 1)..];
        return word;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> text, bool isV4, out IPAddress? address)
    {
        if (isV4)
        {
            Span<byte> bytes = stackalloc byte[AddressBytesV4];
            bool isRead = TryReadV4(text, bytes);
            address = isRead ? new IPAddress(bytes) : null;
            return isRead;
        }

        // Systems write mapped addresses with four decimal numbers at their end.
        int colon = text.LastIndexOf((byte)':');
        ReadOnlySpan<byte> last = text[(colon + 1)..];
        address = null;
        if (colon < 0
            || text.ContainsAnyExcept(OfV6)
            || text[..colon].Contains((byte)'.')
            || (last.Contains((byte)'.') && !TryReadV4(last, stackalloc byte[AddressBytesV4]))
            || !IPAddress.TryParse(Encoding.ASCII.GetString(text), out IPAddress? read)
            || read.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        address = read.IsIPv4MappedToIPv6 ? read.MapToIPv4() : read;
        return true;
    }

    private static bool TryReadV4(ReadOnlySpan<byte> text, Span<byte> address)
    {
        for (int i = 0; i < AddressBytesV4; i++)
        {
            int dot = i == AddressBytesV4 - 1 ? text.Length : text.IndexOf((byte)'.');
            if (dot < 0 || !TryReadNumber(text[..dot], 3, byte.MaxValue, out int number))
            {
                return false;
            }

            address[i] = (byte)number;
            text = dot == text.Length ? default : text[(dot + 1)..];
        }

        return true;
    }

    /// <summary>Decimal digits without zeros before them, which some read as octal.</summary>
    private static bool TryReadNumber(ReadOnlySpan<byte> text, int digitsMax, int max, out int number)
    {
        number = 0;
        if (text.IsEmpty || text.Length > digitsMax || (text.Length > 1 && text[0] == '0') || text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        foreach (byte digit in text)
        {
            number = (10 * number) + (digit - '0');
        }

        return number <= max;
    }
}
