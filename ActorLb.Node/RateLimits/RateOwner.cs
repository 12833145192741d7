using System.Collections.Immutable;
using ActorLb.Engine.Rates;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.RateLimits;

/// <summary>
/// Hands out the limits of the keys that a node owns, by what is asked for at each node. What is given to one is first taken from the others: all
/// shares of a key that are in force are the limit together, at most. Used by one actor; knows no actors.
/// </summary>
internal sealed class RateOwner
{
    /// <summary>A node that has not reported for so long goes by no share any more (<see cref="ClusterRates.SharesLast"/>), but by its even part, whatever became of it.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(3);

    /// <summary>Of a node's report.</summary>
    public const int DemandsMax = 1000;

    /// <summary>Those beyond it go by even parts.</summary>
    public const int KeysMax = 4096;

    private readonly Dictionary<RateKeyId, Given> _given = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private Heard?[] _heard = [];
    private TimeSpan _since;

    /// <summary>Keys of which something is given.</summary>
    public int Count => _given.Count;

    /// <summary>Others share from now on. Gives nothing before all that others may have given has ended.</summary>
    /// <param name="now">By a steady clock.</param>
    public void Follow(IEnumerable<string> members, TimeSpan now)
    {
        _since = now;
        _given.Clear();
        _places.Clear();
        foreach (string member in members)
        {
            _places.TryAdd(member, _places.Count);
        }

        _heard = new Heard?[_places.Count];
    }

    /// <summary>Takes down what is asked for at a node, and says what it may let through.</summary>
    /// <param name="now">By a steady clock.</param>
    /// <returns>A share of each key that any node asks for; empty for one that is no member.</returns>
    public ImmutableArray<RatePart> Answer(string node, IEnumerable<RatePart> demands, TimeSpan now)
    {
        if (!_places.TryGetValue(node, out int place))
        {
            return [];
        }

        var heard = new Heard(now, []);
        foreach (RatePart demand in demands.Take(DemandsMax))
        {
            heard.Demands[demand.Id] = demand.Millionths / (double)RatePart.Whole;
        }

        _heard[place] = heard;
        if (now - _since < ClusterRates.SharesLast)
        {
            return [];
        }

        bool[] isSilent = [.. _heard.Select(h => h is null || now - h.At >= SilentAfter)];
        Note(isSilent, now);
        return [.. _given.Where(g => g.Value.At == now).Select(g => new RatePart(g.Key, ShareOf(g.Key, g.Value, place, isSilent)))];
    }

    /// <summary>Begins with what is asked for, and forgets what is not any more.</summary>
    private void Note(bool[] isSilent, TimeSpan now)
    {
        for (int i = 0; i < _heard.Length; i++)
        {
            foreach (RateKeyId key in isSilent[i] ? [] : _heard[i]!.Demands.Keys.AsEnumerable())
            {
                if (_given.TryGetValue(key, out Given? given))
                {
                    given.At = now;
                }
                else if (_given.Count < KeysMax)
                {
                    _given[key] = new Given(_heard.Length) { At = now };
                }
            }
        }

        foreach ((RateKeyId key, Given given) in _given)
        {
            if (now - given.At >= SilentAfter)
            {
                _given.Remove(key);
            }
        }
    }

    private uint ShareOf(RateKeyId key, Given given, int place, bool[] isSilent)
    {
        double even = 1.0 / _heard.Length;
        Span<double> parts = _heard.Length <= 64 ? stackalloc double[_heard.Length] : new double[_heard.Length];
        int count = 0;
        int own = 0;
        double others = 0;
        for (int i = 0; i < _heard.Length; i++)
        {
            if (isSilent[i])
            {
                given.Parts[i] = even;
            }
            else
            {
                own = i == place ? count : own;
                parts[count++] = _heard[i]!.Demands.GetValueOrDefault(key);
            }

            others += i == place ? 0 : given.Parts[i];
        }

        RateParts.Share(parts[..count], count * even);
        double share = Math.Clamp(parts[own], 0, Math.Max(0, 1 - others));
        given.Parts[place] = share;
        return (uint)(share * RatePart.Whole);
    }

    private sealed record Heard(TimeSpan At, Dictionary<RateKeyId, double> Demands);

    private sealed class Given(int nodes)
    {
        /// <summary>When anybody asked for it last.</summary>
        public TimeSpan At { get; set; }

        /// <summary>For each node; an even part where nothing was given yet.</summary>
        public double[] Parts { get; } = [.. Enumerable.Repeat(1.0 / nodes, nodes)];
    }
}
