using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace ActorLb.Chaos.Names;

/// <summary>
/// Answers one packet as a name server does that has authority over one name (RFC 1035, 4.1). Strict: what is not exactly
/// one well-formed question is told so, and what is no question at all gets no answer. Pure, and throws for no packet.
/// </summary>
internal static class DnsAnswer
{
    private const int HeaderBytes = 12;
    private const int LabelBytesMax = 63;
    private const int NameBytesMax = 255;

    /// <summary>Type and class of a question.</summary>
    private const int KindBytes = 4;

    /// <summary>A pointer to the name, type, class, time to live, length, address.</summary>
    private const int RecordBytes = 16;

    /// <summary>Addresses change in the middle of a trial.</summary>
    private const uint SecondsToLive = 1;

    private const ushort IsAnswer = 0x8000;
    private const ushort Opcode = 0x7800;
    private const ushort HasAuthority = 0x0400;
    private const ushort WantsRecursion = 0x0100;
    private const ushort Internet = 1;
    private const ushort AddressOfFour = 1;

    /// <summary>Where the name of a packet's first question begins: names point there (RFC 1035, 4.1.4).</summary>
    private const ushort PointerToName = 0xC000 | HeaderBytes;

    private enum Code : ushort
    {
        Good = 0,
        Malformed = 1,
        Failed = 2,
        NoSuchName = 3,
        NotImplemented = 4,
        Refused = 5,
    }

    /// <returns>The packet to send back; null for none.</returns>
    public static byte[]? To(ReadOnlySpan<byte> packet, DnsZone zone)
    {
        // An answer to an answer would go to and fro for ever.
        if (zone.Manner == DnsManner.Silent || packet.Length < HeaderBytes || (Read(packet, 2) & IsAnswer) != 0)
        {
            return null;
        }

        if ((Read(packet, 2) & Opcode) != 0)
        {
            return Header(packet, Code.NotImplemented);
        }

        // One question and nothing else; what it does not know of, as EDNS, is malformed to it (RFC 6891, 7).
        if (Read(packet, 4) != 1 || Read(packet, 6) != 0 || Read(packet, 8) != 0 || Read(packet, 10) != 0
            || !TryReadName(packet, out int end) || packet.Length != end + KindBytes)
        {
            return Header(packet, Code.Malformed);
        }

        ReadOnlySpan<byte> question = packet[HeaderBytes..];
        if (Read(packet, end + 2) != Internet)
        {
            return Answer(packet, question, Code.Refused, []);
        }

        if (!Ascii.EqualsIgnoreCase(packet[HeaderBytes..end], Bytes(zone.Name)))
        {
            return Answer(packet, question, Code.NoSuchName, []);
        }

        return zone.Manner switch
        {
            DnsManner.Fails => Answer(packet, question, Code.Failed, []),
            DnsManner.NoSuchName => Answer(packet, question, Code.NoSuchName, []),
            _ => Answer(packet, question, Code.Good, Read(packet, end) == AddressOfFour ? zone.Addresses.AsSpan() : []),
        };
    }

    private static bool TryReadName(ReadOnlySpan<byte> packet, out int end)
    {
        end = HeaderBytes;
        while (end < packet.Length && end - HeaderBytes < NameBytesMax)
        {
            // Longer is a pointer: the first name of a packet has nothing to point to.
            int length = packet[end++];
            if (length == 0 || length > LabelBytesMax)
            {
                return length == 0;
            }

            end += length;
        }

        return false;
    }

    private static byte[] Bytes(string name) =>
        [.. name.Split('.').SelectMany(l => Encoding.ASCII.GetBytes(l).Prepend((byte)l.Length)), 0];

    private static byte[] Header(ReadOnlySpan<byte> packet, Code code)
    {
        byte[] answer = new byte[HeaderBytes];
        packet[..2].CopyTo(answer);
        Write(answer, 2, (ushort)(IsAnswer | (Read(packet, 2) & (Opcode | WantsRecursion)) | (ushort)code));
        return answer;
    }

    private static byte[] Answer(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> question, Code code, ReadOnlySpan<IPAddress> addresses)
    {
        byte[] answer = [.. Header(packet, code), .. question, .. new byte[addresses.Length * RecordBytes]];
        Write(answer, 2, (ushort)(Read(answer, 2) | HasAuthority));
        Write(answer, 4, 1);
        Write(answer, 6, (ushort)addresses.Length);

        // In another order each time, as name servers do to spread the load: nobody may depend on it.
        int first = addresses.Length == 0 ? 0 : Read(packet, 0) % addresses.Length;
        for (int i = 0; i < addresses.Length; i++)
        {
            Span<byte> record = answer.AsSpan(HeaderBytes + question.Length + (i * RecordBytes), RecordBytes);
            Write(record, 0, PointerToName);
            Write(record, 2, AddressOfFour);
            Write(record, 4, Internet);
            BinaryPrimitives.WriteUInt32BigEndian(record[6..], SecondsToLive);
            Write(record, 10, 4);
            addresses[(first + i) % addresses.Length].TryWriteBytes(record[12..], out _);
        }

        return answer;
    }

    private static ushort Read(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    private static void Write(Span<byte> bytes, int at, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(bytes[at..], value);
}
