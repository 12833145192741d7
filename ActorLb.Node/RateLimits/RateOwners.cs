using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.RateLimits;

/// <summary>
/// Which of the members hands out the limit of a key, by rendezvous hashing over those that can be reached. Two nodes that see the same
/// members name the same; whether they do, <see cref="View"/> tells. Immutable.
/// </summary>
internal sealed class RateOwners
{
    private readonly (string Name, ulong Hash)[] _reachable;

    /// <param name="self">This node, which is a member to itself whatever the others say.</param>
    public RateOwners(string self, IEnumerable<NodeMember> members)
    {
        (string Name, bool IsReachable)[] all =
        [
            .. members.Where(m => m.Status == "up" || m.Name == self)
                .GroupBy(m => m.Name, StringComparer.Ordinal)
                .Select(g => (g.Key, g.Key == self || g.Any(m => m.Reachable)))
                .Append((self, true))
                .DistinctBy(m => m.Item1, StringComparer.Ordinal)
                .OrderBy(m => m.Item1, StringComparer.Ordinal),
        ];
        Members = [.. all.Select(m => m.Name)];
        _reachable = [.. all.Where(m => m.IsReachable).Select(m => (m.Name, HashOf(m.Name)))];
        View = (uint)HashOf(string.Join('\n', all.Select(m => $"{m.Name} {m.IsReachable}")));
    }

    /// <summary>Names of all among which limits are parted: also of those that cannot be reached, which go on at the other side.</summary>
    public ImmutableArray<string> Members { get; }

    /// <summary>Of the members, and who of them can be reached.</summary>
    public uint View { get; }

    public string Of(RateKeyId key)
    {
        (string Name, ulong Hash) best = _reachable[0];
        ulong highest = 0;
        foreach ((string Name, ulong Hash) member in _reachable)
        {
            ulong weight = Mix(key.Key ^ Mix(member.Hash ^ key.Route));
            if (weight > highest)
            {
                (best, highest) = (member, weight);
            }
        }

        return best.Name;
    }

    private static ulong HashOf(string text) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // The last step of SplitMix64 (Steele, Lea and Flood: Fast Splittable Pseudorandom Number Generators).
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
