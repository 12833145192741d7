using System.Collections.Immutable;

namespace ActorLb.Node.Sessions.Feed;

/// <summary>
/// Where owners live, as far as their nodes have said: a hint, which saves a message per bucket. Whoever is asked in
/// vain passes the message on. Pure.
/// </summary>
internal sealed record OwnerPlaces
{
    public static readonly OwnerPlaces Unknown = new();

    private ImmutableDictionary<string, ulong> Shards { get; init; } = ImmutableDictionary<string, ulong>.Empty;

    /// <summary>The node said where these live; what others had said of the same ones is over.</summary>
    public OwnerPlaces Announced(string node, ulong shards)
    {
        ImmutableDictionary<string, ulong>.Builder places = Shards.ToBuilder();
        foreach ((string other, ulong theirs) in Shards)
        {
            places[other] = theirs & ~shards;
        }

        places[node] = shards;
        return this with { Shards = places.ToImmutable() };
    }

    public OwnerPlaces Left(string node) => this with { Shards = Shards.Remove(node) };

    /// <summary>The node on which the owners of a shard live; null where nobody has said.</summary>
    public string? Of(int shard)
    {
        foreach ((string node, ulong shards) in Shards)
        {
            if ((shards >> shard & 1) != 0)
            {
                return node;
            }
        }

        return null;
    }
}
