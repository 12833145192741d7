using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace ActorLb.Engine.Http1;

/// <summary>
/// What a name means that is none of <see cref="KnownFieldTable"/>: a claim by its beginning or end, or a name that turns
/// into a known one where somebody reads '_' as '-', as gateways to CGI, WSGI and their kind do. Most names are told to be
/// neither by a few words.
/// </summary>
internal static class DistantNames
{
    private const ulong LowerCase = 0x2020202020202020;

    // '_' is 0x7f in lower case, and no other token character is: one more sets its top bit.
    private const ulong Ones = 0x0101010101010101;
    private const ulong Tops = 0x8080808080808080;

    private const int NameBytesMax = 64;

    private const int SlotBits = 6;

    private static readonly ulong ClientIp = Word("lient-ip");
    private static readonly ulong ClientCert = Word("ent-cert");
    private static readonly ulong ConnectingIp = Word("cting-ip");

    // The first eight characters of each beginning, in a slot of its own.
    private static readonly (ulong Multiplier, ulong[] Slots) Beginnings = Build();

    /// <param name="first">The first byte of the input.</param>
    /// <param name="length">Of the name, which is a token and in no case one of the table.</param>
    /// <param name="tail">Its last eight bytes in lower case, as the table reads them.</param>
    // Not inlined: the table's own loop stays small.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static KnownField Find(ref byte first, nint start, int length, ulong tail)
    {
        ulong underscores = tail + Ones;
        bool isClaim = tail == ClientIp || tail == ClientCert || tail == ConnectingIp;
        if (length > sizeof(ulong))
        {
            ulong head = Read(ref first, start);
            isClaim |= Beginnings.Slots[(head * Beginnings.Multiplier) >> (64 - SlotBits)] == head;
            underscores |= head + Ones;
            for (int at = sizeof(ulong); at < length - sizeof(ulong); at += sizeof(ulong))
            {
                underscores |= Read(ref first, start + at) + Ones;
            }
        }

        return !isClaim && (underscores & Tops) == 0
            ? KnownField.Other
            : Look(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref first, start), length));
    }

    private static KnownField Look(ReadOnlySpan<byte> name)
    {
        if (IsClaim(name))
        {
            return KnownField.ForwardingClaim;
        }

        if (!name.Contains((byte)'_'))
        {
            return KnownField.Other;
        }

        // A longer name is known by its beginning alone.
        Span<byte> read = stackalloc byte[Math.Min(name.Length, NameBytesMax)];
        name[..read.Length].Replace(read, (byte)'_', (byte)'-');
        return IsClaim(read) || KnownFieldTable.Find(read) != KnownField.Other ? KnownField.Disguised : KnownField.Other;
    }

    private static bool IsClaim(ReadOnlySpan<byte> name)
    {
        foreach (string prefix in ForwardingClaims.Prefixes)
        {
            if (name.Length > prefix.Length && Ascii.EqualsIgnoreCase(name[..prefix.Length], prefix))
            {
                return true;
            }
        }

        foreach (string suffix in ForwardingClaims.Suffixes)
        {
            if (name.Length >= suffix.Length && Ascii.EqualsIgnoreCase(name[^suffix.Length..], suffix))
            {
                return true;
            }
        }

        return false;
    }

    private static (ulong Multiplier, ulong[] Slots) Build()
    {
        // Any odd number may do; one that gives each a slot is found after a few.
        for (ulong multiplier = 0x9E3779B97F4A7C15; ; multiplier += 2)
        {
            var slots = new ulong[1 << SlotBits];
            bool fits = true;
            foreach (string prefix in ForwardingClaims.Prefixes)
            {
                ulong word = Word(prefix);
                ref ulong slot = ref slots[(word * multiplier) >> (64 - SlotBits)];
                fits &= slot == 0;
                slot = word;
            }

            if (fits)
            {
                return (multiplier, slots);
            }
        }
    }

    /// <summary>The first eight characters of a name, as they are compared.</summary>
    private static ulong Word(string text) => BinaryPrimitives.ReadUInt64LittleEndian(Encoding.ASCII.GetBytes(text)) | LowerCase;

    private static ulong Read(ref byte first, nint at)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at));
        return (BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word)) | LowerCase;
    }
}
