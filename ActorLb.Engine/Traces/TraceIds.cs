using System.Security.Cryptography;

namespace ActorLb.Engine.Traces;

/// <summary>Random ids of traces and spans: numbers of SplitMix64 (Steele, Lea, Flood, 2014), seeded once per thread. Unique, not secret.</summary>
internal static class TraceIds
{
    // Odd, so that all 64-bit values come before one comes again.
    private const ulong Step = 0x9E3779B97F4A7C15;

    [ThreadStatic]
    private static ulong _state;

    [ThreadStatic]
    private static bool _isSeeded;

    /// <summary>Never 0, which is no id.</summary>
    public static ulong Next()
    {
        if (!_isSeeded)
        {
            Span<byte> seed = stackalloc byte[sizeof(ulong)];
            RandomNumberGenerator.Fill(seed);
            _state = BitConverter.ToUInt64(seed);
            _isSeeded = true;
        }

        ulong mixed;
        do
        {
            _state += Step;
            mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            mixed ^= mixed >> 31;
        }
        while (mixed == 0);

        return mixed;
    }
}
