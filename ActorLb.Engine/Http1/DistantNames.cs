using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace ActorLb.Engine.Http1;

/// <summary>
/// What a name means that is none of <see cref="KnownFieldTable"/>: a claim by its beginning or end, or a twin of a known one (<see cref="TwinNames"/>). Most names are told to be
/// neither by a few words.
/// </summary>
internal static class DistantNames
{
    private const ulong LowerCase = 0x2020202020202020;

    private const ulong Ones = 0x0101010101010101;
    private const ulong Tops = 0x8080808080808080;

    private const int NameBytesMax = 64;

    // The first eight characters of each beginning that has so many, the first four of the others, and the last eight of each end.
    private static readonly WordSet Beginnings = new(ForwardingClaims.Prefixes.Where(p => p.Length >= sizeof(ulong)).Select(Head));
    private static readonly WordSet ShortBeginnings = new(ForwardingClaims.Prefixes.Where(p => p.Length < sizeof(ulong)).Select(p => (ulong)(uint)Head(p)));
    private static readonly WordSet Ends = new(ForwardingClaims.Suffixes.Select(s => Head(s[^sizeof(ulong)..])));

    /// <param name="first">The first byte of the input.</param>
    /// <param name="length">Of the name, which is a token and in no case one of the table.</param>
    /// <param name="tail">Its last eight bytes in lower case, as the table reads them.</param>
    // Not inlined: the table's own loop stays small.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static KnownField Find(ref byte first, nint start, int length, ulong tail)
    {
        ulong marks = MarksOf(tail);

        // A name of up to eight bytes is its tail.
        ulong head = tail;
        if (length > sizeof(ulong))
        {
            head = Read(ref first, start);
            marks |= MarksOf(head);
            for (int at = sizeof(ulong); at < length - sizeof(ulong); at += sizeof(ulong))
            {
                marks |= MarksOf(Read(ref first, start + at));
            }
        }

        bool isClaim = Beginnings.Contains(head) || ShortBeginnings.Contains((uint)head) || Ends.Contains(tail);
        return !isClaim && marks == 0
            ? KnownField.Other
            : Look(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref first, start), length));
    }

    private static KnownField Look(ReadOnlySpan<byte> name)
    {
        if (TwinNames.HasMarks(name))
        {
            Span<byte> read = name.Length <= NameBytesMax ? stackalloc byte[name.Length] : new byte[name.Length];
            TwinNames.Read(name, read);
            if (IsClaim(read) || KnownFieldTable.Find(read) != KnownField.Other)
            {
                return KnownField.Disguised;
            }
        }

        // Some have marks of their own: WebSphere's.
        return IsClaim(name) ? KnownField.ForwardingClaim : KnownField.Other;
    }

    /// <summary>The top bits of those bytes of a word in lower case that are neither a letter nor a digit nor '-'. Token characters, and 0x20 where there is none.</summary>
    private static ulong MarksOf(ulong word)
    {
        // No sum carries into the next byte: all are below 0x80.
        ulong isAboveLetters = word + (0x05 * Ones);
        ulong isNoBacktick = (word ^ (0x60 * Ones)) + (0x7f * Ones);
        ulong isNoDash = (word ^ ((byte)'-' * Ones)) + (0x7f * Ones);
        ulong isSomething = (word ^ LowerCase) + (0x7f * Ones);
        ulong isFromDigits = word + (0x50 * Ones);
        return (isAboveLetters | ~isNoBacktick | (~isFromDigits & isNoDash & isSomething)) & Tops;
    }

    private static bool IsClaim(ReadOnlySpan<byte> name)
    {
        foreach (string ordinary in ForwardingClaims.Ordinary)
        {
            if (Ascii.EqualsIgnoreCase(name, ordinary))
            {
                return false;
            }
        }

        foreach (string prefix in ForwardingClaims.Prefixes)
        {
            int last = prefix.Length - 1;
            if (name.Length >= prefix.Length + (prefix[last] == '-' ? 1 : 0)
                && (name[last] | 0x20) == prefix[last]
                && Ascii.EqualsIgnoreCase(name[..prefix.Length], prefix))
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

    /// <summary>The first characters of a name, eight at most, as they are compared.</summary>
    private static ulong Head(string text)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        word.Clear();
        Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, sizeof(ulong))), word);
        return BinaryPrimitives.ReadUInt64LittleEndian(word) | LowerCase;
    }

    private static ulong Read(ref byte first, nint at)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at));
        return (BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word)) | LowerCase;
    }
}
