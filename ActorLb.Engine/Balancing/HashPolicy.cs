using System.Numerics;
using System.Runtime.InteropServices;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Balancing;

/// <summary>
/// The same backend for the same key, at every node: weighted rendezvous hashing (as <see cref="Rendezvous"/>, with 32 bits for each
/// pair of key and backend, of which a processor compares several at a time). Who goes takes no keys with him but his own,
/// and gets just them when he comes back. A request without a key takes a turn.
/// </summary>
internal sealed class HashPolicy : BalancePolicy
{
    private readonly Rotation _rotation;

    // In the order of weights and then of keys, whatever the order in the pool: those of one weight stand together.
    private readonly int[] _places;
    private readonly int[] _weights;
    private readonly Range[] _segments;

    // The two halves of each backend's key, which is a digest: what a request's key is mixed with, and multiplied by.
    private readonly uint[] _masks;
    private readonly uint[] _multipliers;

    public HashPolicy(Rotation rotation, Candidate[] candidates)
    {
        Candidate[] ordered = [.. candidates.OrderBy(c => c.Weight).ThenBy(c => c.Key)];
        _rotation = rotation;
        _places = [.. ordered.Select(c => c.Place)];
        _weights = [.. ordered.Select(c => c.Weight)];
        _segments = [.. ordered.Index().GroupBy(c => c.Item.Weight).Select(g => g.First().Index..(g.Last().Index + 1))];
        _masks = [.. ordered.Select(c => (uint)(c.Key.Value >> 32))];
        _multipliers = [.. ordered.Select(c => (uint)c.Key.Value | 1)];
    }

    public override bool GoesByKey => true;

    public override int Next(RotationCursor cursor, BalanceKey key, int before)
    {
        if (key.IsNone)
        {
            return _rotation.Next(cursor);
        }

        uint hash = (uint)(key.Value ^ (key.Value >> 32));
        int last = before < 0 ? -1 : Array.IndexOf(_places, before);
        return _places[last < 0 ? Highest(hash) : Behind(hash, last)];
    }

    private int Highest(uint key)
    {
        int best = HighestOfEqualWeight(_segments[0], key);
        if (_segments.Length == 1)
        {
            return best;
        }

        double score = Score(key, best);
        for (int i = 1; i < _segments.Length; i++)
        {
            int next = HighestOfEqualWeight(_segments[i], key);
            double nextScore = Score(key, next);
            if (nextScore > score)
            {
                best = next;
                score = nextScore;
            }
        }

        return best;
    }

    /// <summary>The one that ranks next for this key; the first again where that was the last.</summary>
    private int Behind(uint key, int index)
    {
        (double Score, int Index) limit = (Score(key, index), -index);
        (double Score, int Index) next = default;
        bool isFound = false;
        for (int i = 0; i < _places.Length; i++)
        {
            (double Score, int Index) rank = (Score(key, i), -i);
            if (rank.CompareTo(limit) < 0 && (!isFound || rank.CompareTo(next) > 0))
            {
                next = rank;
                isFound = true;
            }
        }

        return isFound ? -next.Index : Highest(key);
    }

    /// <summary>With equal weights, the highest hash has the highest score; of two that are the same, the first in order.</summary>
    private int HighestOfEqualWeight(Range segment, uint key)
    {
        ReadOnlySpan<uint> masks = _masks.AsSpan(segment);
        ReadOnlySpan<uint> multipliers = _multipliers.AsSpan(segment);
        if (masks.Length >= Vector<uint>.Count)
        {
            return segment.Start.Value + HighestOfMany(masks, multipliers, key);
        }

        int best = 0;
        uint highest = 0;
        for (int i = 0; i < masks.Length; i++)
        {
            uint hash = Hash(key, masks[i], multipliers[i]);
            if (hash > highest)
            {
                highest = hash;
                best = i;
            }
        }

        return segment.Start.Value + best;
    }

    private static int HighestOfMany(ReadOnlySpan<uint> masks, ReadOnlySpan<uint> multipliers, uint key)
    {
        int count = Vector<uint>.Count;
        ReadOnlySpan<Vector<uint>> masksAtOnce = MemoryMarshal.Cast<uint, Vector<uint>>(masks);
        ReadOnlySpan<Vector<uint>> multipliersAtOnce = MemoryMarshal.Cast<uint, Vector<uint>>(multipliers);
        Vector<uint> keys = new(key);
        Vector<uint> step = new((uint)count);
        Vector<uint> index = Vector<uint>.Indices;
        Vector<uint> best = index;
        Vector<uint> highest = default;
        for (int i = 0; i < masksAtOnce.Length; i++)
        {
            Take((masksAtOnce[i] ^ keys) * multipliersAtOnce[i], index, ref highest, ref best);
            index += step;
        }

        // The last ones, with some that were looked at already.
        int last = masks.Length - count;
        Take((new Vector<uint>(masks[last..]) ^ keys) * new Vector<uint>(multipliers[last..]), Vector<uint>.Indices + new Vector<uint>((uint)last), ref highest, ref best);
        return (int)FirstOfHighest(highest, best);
    }

    private static void Take(Vector<uint> hashes, Vector<uint> index, ref Vector<uint> highest, ref Vector<uint> best)
    {
        Vector<uint> higher = Vector.Max(hashes, highest);
        best = Vector.ConditionalSelect(Vector.Equals(higher, highest), best, index);
        highest = higher;
    }

    private static uint FirstOfHighest(Vector<uint> highest, Vector<uint> best)
    {
        int first = 0;
        for (int lane = 1; lane < Vector<uint>.Count; lane++)
        {
            if (highest[lane] > highest[first] || (highest[lane] == highest[first] && best[lane] < best[first]))
            {
                first = lane;
            }
        }

        return best[first];
    }

    // In (0, 1): never 0, whose logarithm has no value, and never 1, whose score is infinite.
    private double Score(uint key, int index) =>
        _weights[index] / -Math.Log((Hash(key, _masks[index], _multipliers[index]) + 0.5) * (1.0 / (1UL << 32)));

    // The high bits of a product depend on all bits of its factors, and they are what is compared.
    private static uint Hash(uint key, uint mask, uint multiplier) => (key ^ mask) * multiplier;
}
