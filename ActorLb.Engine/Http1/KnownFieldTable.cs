using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace ActorLb.Engine.Http1;

/// <summary>
/// Recognises known field names, in any case, by one load, one multiplication and one comparison: their last eight
/// bytes and their length lead to a slot of their own (a perfect hash, checked when the table is built).
/// </summary>
internal static class KnownFieldTable
{
    // Sets bit 5 of each byte: lower case for letters. What else it changes into a character of a known name are
    // control characters, and a name is a token.
    private const ulong LowerCase = 0x2020202020202020;

    private const int SlotBits = 7;

    // Found by trial: no two known names share a slot.
    private const ulong Multiplier = 0x9C9E86A3BC2B26F1;

    private static readonly string[] Names =
    [
        "host", "connection", "content-length", "transfer-encoding", "expect", "upgrade", "te", "trailer", "keep-alive",
        "proxy-connection", "proxy-authenticate", "proxy-authorization", "proxy-authentication-info", "http2-settings",
        "cookie", "set-cookie", "date", "via", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
        "x-forwarded-port", "x-request-id", "authorization", "www-authenticate", "cdn-loop", "traceparent", "tracestate",
    ];

    private static readonly Slot[] Slots = Build();

    /// <summary>The fields that have one name: the first so many.</summary>
    public static ReadOnlySpan<KnownField> Named => Enum.GetValues<KnownField>().AsSpan(1, Names.Length);

    /// <summary>The name in lower case.</summary>
    public static string NameOf(KnownField field) => Names[(int)field - 1];

    /// <summary>The field of this name, for tests and lists; the parser's way is the other one.</summary>
    public static KnownField Find(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? KnownField.Other : Find(ref MemoryMarshal.GetReference(name), 0, name.Length);

    /// <param name="first">The first byte of the input; all bytes up to the name's end are readable.</param>
    /// <param name="start">Where the name starts.</param>
    /// <param name="length">Of the name: token characters only, at least one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KnownField Find(ref byte first, nint start, int length)
    {
        ulong tail = start + length >= sizeof(ulong)
            ? Read(ref first, start + length - sizeof(ulong)) >> (8 * Math.Max(0, sizeof(ulong) - length))
            : ReadShort(ref first, start, length);
        tail |= LowerCase;
        ref Slot slot = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Slots), (nint)Hash(tail, length));
        return slot.Tail == tail && slot.Length == length && (length <= sizeof(ulong) || HeadsMatch(ref first, start, length, ref slot))
            ? slot.Field
            : DistantNames.Find(ref first, start, length, tail);
    }

    private static bool HeadsMatch(ref byte first, nint start, int length, ref Slot slot)
    {
        // The last of these words overlaps the tail where the length is no multiple of eight.
        return (Read(ref first, start) | LowerCase) == slot.Head0
            && (length <= 16 || (Read(ref first, start + 8) | LowerCase) == slot.Head1)
            && (length <= 24 || (Read(ref first, start + 16) | LowerCase) == slot.Head2);
    }

    private static ulong Hash(ulong tail, int length) => ((tail + (uint)length) * Multiplier) >> (64 - SlotBits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read(ref byte first, nint at)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at));
        return BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
    }

    // In the first eight bytes of the input, where a word that ends with the name would begin before it: trailers only.
    private static ulong ReadShort(ref byte first, nint start, int length)
    {
        ulong word = 0;
        for (int i = 0; i < length; i++)
        {
            word |= (ulong)Unsafe.Add(ref first, start + i) << (8 * i);
        }

        return word;
    }

    private static Slot[] Build()
    {
        var slots = new Slot[1 << SlotBits];
        for (int i = 0; i < Names.Length; i++)
        {
            Add(slots, Names[i], (KnownField)(i + 1));
        }

        foreach (string claim in ForwardingClaims.Names)
        {
            Add(slots, claim, KnownField.ForwardingClaim);
        }

        return slots;
    }

    private static void Add(Slot[] slots, string text, KnownField field)
    {
        byte[] name = Encoding.ASCII.GetBytes(text);
        ref byte first = ref MemoryMarshal.GetArrayDataReference(name);
        int tailLength = Math.Min(name.Length, sizeof(ulong));
        ulong tail = ReadShort(ref first, name.Length - tailLength, tailLength) | LowerCase;
        ref Slot slot = ref slots[Hash(tail, name.Length)];
        if (slot.Field != KnownField.Other)
        {
            throw new InvalidOperationException($"{text} shares its slot with {slot.Field}");
        }

        slot = new Slot
        {
            Tail = tail,
            Head0 = name.Length > 8 ? Read(ref first, 0) | LowerCase : 0,
            Head1 = name.Length > 16 ? Read(ref first, 8) | LowerCase : 0,
            Head2 = name.Length > 24 ? Read(ref first, 16) | LowerCase : 0,
            Length = name.Length,
            Field = field,
        };
    }

    private struct Slot
    {
        public ulong Tail;
        public ulong Head0;
        public ulong Head1;
        public ulong Head2;
        public int Length;
        public KnownField Field;
    }
}
