using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ActorLb.Engine.Forwarding;

/// <summary>Request ids: a client's own where it is sane, else 32 hexadecimal digits of a generator that is seeded once per thread.</summary>
internal static class RequestIds
{
    public const string Header = "X-Request-Id";

    /// <summary>Of a client's own id.</summary>
    public const int BytesMax = 128;

    private static readonly SearchValues<char> Visible =
        SearchValues.Create(string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)));

    [ThreadStatic]
    private static ulong _high;

    [ThreadStatic]
    private static ulong _low;

    /// <summary>Visible ASCII, at most 128 characters.</summary>
    public static bool IsSane(string? id) =>
        id is { Length: > 0 and <= BytesMax } && !id.AsSpan().ContainsAnyExcept(Visible);

    /// <summary>Bytes of an id that <see cref="Next"/> or <see cref="WriteNext"/> makes.</summary>
    public const int OwnBytes = 32;

    /// <summary>The same for an id as it lies in memory.</summary>
    public static bool IsSane(ReadOnlySpan<byte> id) =>
        id.Length is > 0 and <= BytesMax && !id.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    public static string Next()
    {
        Span<byte> id = stackalloc byte[OwnBytes];
        WriteNext(id);
        return Encoding.ASCII.GetString(id);
    }

    // Unique, not secret: a counter spread over 64 bits beside the thread's random half.
    /// <param name="id">Receives <see cref="OwnBytes"/> bytes.</param>
    public static void WriteNext(Span<byte> id)
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
        Span<byte> number = stackalloc byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, _high);
        BinaryPrimitives.WriteUInt64BigEndian(number[sizeof(ulong)..], _low);
        Convert.TryToHexStringLower(number, id, out _);
    }
}
