using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ActorLb.Engine.Balancing;

/// <summary>
/// Who of a pool's candidates comes first for a key, and who next: each has a number for it, -ln(hash) / weight, and the lowest is first. One
/// comparison of integers tells of most that theirs is above a limit below which the lowest nearly always is. Never changed; any thread.
/// </summary>
internal sealed class HashRanks
{
    /// <summary>Candidates whose comparisons are noted in one number.</summary>
    private const int Block = 64;

    /// <summary>Such numbers that are noted before any is looked at.</summary>
    private const int BlocksAtOnce = 16;

    /// <summary>Up to so many, all numbers are looked at.</summary>
    private const int Few = 3;

    /// <summary>How many are below a limit in the mean: nobody is for one key in 20, and then for one in 160,000, for which all are looked at.</summary>
    private static readonly double[] MeansBelow = [3, 12];

    // Processors compare integers with a sign, so hashes have their highest bit turned; a mask that has passes it on through the product, whose
    // other factor is odd.
    private const uint Sign = 0x8000_0000;

    // The two halves of each candidate's key, which is a digest: what a request's key is mixed with, and multiplied by.
    private readonly uint[] _masks;
    private readonly uint[] _multipliers;
    private readonly double[] _perWeight;
    private readonly Limit[] _limits;
    private readonly ulong _indices;
    private readonly int _count;
    private readonly bool _isEven;

    /// <param name="candidates">One at least; of two that rank alike, the first comes first.</param>
    public HashRanks(Candidate[] candidates)
    {
        int padded = (candidates.Length + Block - 1) / Block * Block;
        _count = candidates.Length;
        _indices = BitOperations.RoundUpToPowerOf2((uint)_count) - 1;
        _isEven = candidates.All(c => c.Weight == candidates[0].Weight);
        _perWeight = [.. candidates.Select(c => 1.0 / c.Weight)];
        _masks = new uint[padded];
        _multipliers = new uint[padded];
        for (int i = 0; i < _count; i++)
        {
            ulong key = candidates[i].Key.Value;
            _masks[i] = (uint)(key >> 32) ^ Sign;
            _multipliers[i] = (uint)key | 1;
        }

        double weights = candidates.Sum(c => (double)c.Weight);
        _limits = _count <= Few ? [] : [.. MeansBelow.Select(mean => Below(candidates, mean / weights, padded))];
    }

    public int First(uint key)
    {
        foreach (Limit limit in _limits)
        {
            // Who is below the limit may also have a number that is not, by a rounding.
            ulong lowest = LowestBelow(limit.Hashes, key);
            if (lowest < limit.Rank)
            {
                return (int)(lowest & _indices);
            }
        }

        return Lowest(key, from: 0);
    }

    /// <summary>The one that ranks next for this key; the first again where that was the last.</summary>
    public int Behind(uint key, int index) => Lowest(key, Rank(key, index) + 1) is >= 0 and var next ? next : First(key);

    private Limit Below(Candidate[] candidates, double number, int padded)
    {
        // Whoever is not there is never below it. Rounded so that nobody is left out who is.
        var hashes = new int[padded];
        Array.Fill(hashes, int.MaxValue);
        for (int i = 0; i < _count; i++)
        {
            hashes[i] = (int)((uint)((Math.Exp(-number * candidates[i].Weight) * (1UL << 32)) - 3) ^ Sign);
        }

        return new Limit(hashes, _isEven ? ulong.MaxValue : BitConverter.DoubleToUInt64Bits(number) & ~_indices);
    }

    /// <summary>Who has the lowest rank from that on; -1: nobody has one.</summary>
    private int Lowest(uint key, ulong from)
    {
        ulong lowest = ulong.MaxValue;
        for (int i = 0; i < _count; i++)
        {
            ulong rank = Rank(key, i);
            if (rank >= from)
            {
                lowest = Lower(lowest, rank);
            }
        }

        return lowest == ulong.MaxValue ? -1 : (int)(lowest & _indices);
    }

    /// <summary>The lowest rank of those whose hash is above their limit; the highest number: there are none.</summary>
    [SkipLocalsInit]
    private ulong LowestBelow(int[] limits, uint key)
    {
        Span<ulong> above = stackalloc ulong[BlocksAtOnce];
        ulong lowest = ulong.MaxValue;
        for (int start = 0; start < limits.Length; start += BlocksAtOnce * Block)
        {
            // Noted first and looked at afterwards: a branch among the comparisons, which no processor foresees, made a choice among 1,000 take a quarter longer (measured).
            int blocks = Math.Min(BlocksAtOnce, (limits.Length - start) / Block);
            Note(limits, key, start, above[..blocks]);
            for (int i = 0; i < blocks; i++)
            {
                for (ulong left = above[i]; left != 0; left &= left - 1)
                {
                    lowest = Lower(lowest, Rank(key, start + (i * Block) + BitOperations.TrailingZeroCount(left)));
                }
            }
        }

        return lowest;
    }

    /// <summary>Notes one bit for each candidate from there on: whether its hash is above its limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Note(int[] limits, uint key, int start, Span<ulong> above)
    {
        ref uint masks = ref MemoryMarshal.GetArrayDataReference(_masks);
        ref uint multipliers = ref MemoryMarshal.GetArrayDataReference(_multipliers);
        ref int hashes = ref MemoryMarshal.GetArrayDataReference(limits);
        Vector512<uint> keys = Vector512.Create(key);
        nuint at = (nuint)start;
        for (int i = 0; i < above.Length; i++)
        {
            above[i] = Above16(keys, ref masks, ref multipliers, ref hashes, at)
                | (Above16(keys, ref masks, ref multipliers, ref hashes, at + 16) << 16)
                | (Above16(keys, ref masks, ref multipliers, ref hashes, at + 32) << 32)
                | (Above16(keys, ref masks, ref multipliers, ref hashes, at + 48) << 48);
            at += Block;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Above16(Vector512<uint> keys, ref uint masks, ref uint multipliers, ref int limits, nuint at) => Vector512.IsHardwareAccelerated
        ? Vector512.GreaterThan(
            ((Vector512.LoadUnsafe(ref masks, at) ^ keys) * Vector512.LoadUnsafe(ref multipliers, at)).AsInt32(), Vector512.LoadUnsafe(ref limits, at)).ExtractMostSignificantBits()
        : Above8(keys.GetLower(), ref masks, ref multipliers, ref limits, at) | (Above8(keys.GetLower(), ref masks, ref multipliers, ref limits, at + 8) << 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Above8(Vector256<uint> keys, ref uint masks, ref uint multipliers, ref int limits, nuint at) => Vector256.GreaterThan(
        ((Vector256.LoadUnsafe(ref masks, at) ^ keys) * Vector256.LoadUnsafe(ref multipliers, at)).AsInt32(), Vector256.LoadUnsafe(ref limits, at)).ExtractMostSignificantBits();

    // Which of two it is, no processor foresees: without a branch.
    private static ulong Lower(ulong one, ulong other) => one ^ ((one ^ other) & (0UL - (other < one ? 1UL : 0UL)));

    // Numbers above 0 are ordered as their bits are; the last ones make room for the index, so that no two ranks are the same. With equal weights the
    // highest hash has the lowest number, and needs no logarithm. The high bits of a product depend on all bits of its factors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Rank(uint key, int index)
    {
        uint hash = ((key ^ _masks[index]) * _multipliers[index]) ^ Sign;
        return _isEven
            ? ((ulong)~hash << 32) | (uint)index
            : (BitConverter.DoubleToUInt64Bits(HashLogarithm.Of(hash) * _perWeight[index]) & ~_indices) | (uint)index;
    }

    /// <param name="Hashes">Whose hash is above his is below the limit; hashes with their highest bit turned.</param>
    /// <param name="Rank">The lowest that is not.</param>
    private readonly record struct Limit(int[] Hashes, ulong Rank);
}
