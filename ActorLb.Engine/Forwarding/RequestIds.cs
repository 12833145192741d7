using System.Buffers;
using System.Security.Cryptography;

namespace ActorLb.Engine.Forwarding;

/// <summary>Request ids: a client's own where it is sane, else 32 hexadecimal digits of a generator that is seeded once per thread.</summary>
internal static class RequestIds
{
    public const string Header = "X-Request-Id";

    private const int CharsMax = 128;

    private static readonly SearchValues<char> Visible =
        SearchValues.Create(string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)));

    [ThreadStatic]
    private static ulong _high;

    [ThreadStatic]
    private static ulong _low;

    /// <summary>Visible ASCII, at most 128 characters.</summary>
    public static bool IsSane(string? id) =>
        id is { Length: > 0 and <= CharsMax } && !id.AsSpan().ContainsAnyExcept(Visible);

    // Unique, not secret: a counter spread over 64 bits beside the thread's random half.
    public static string Next()
    {
        if (_high == 0)
        {
            Span<byte> seed = stackalloc byte[2 * sizeof(ulong)];
            RandomNumberGenerator.Fill(seed);
            _high = BitConverter.ToUInt64(seed) | 1;
            _low = BitConverter.ToUInt64(seed[sizeof(ulong)..]);
        }

        // The golden ratio's odd multiple walks through all 64-bit values before it repeats one.
        _low += 0x9E3779B97F4A7C15UL;
        return string.Create(32, (_high, _low), static (chars, id) =>
        {
            Write(chars, id._high);
            Write(chars[16..], id._low);
        });
    }

    private static void Write(Span<char> chars, ulong value)
    {
        for (int i = 15; i >= 0; i--)
        {
            chars[i] = (char)("0123456789abcdef"[(int)(value & 15)]);
            value >>= 4;
        }
    }
}
