using System.Collections.Immutable;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Routing;

/// <summary>What the other nodes know of backends, by node. Immutable, pure.</summary>
internal sealed record ToldBackends
{
    public static readonly ToldBackends None = new();

    private ImmutableDictionary<string, ImmutableArray<KnownBackend>> ByNode { get; init; } = ImmutableDictionary<string, ImmutableArray<KnownBackend>>.Empty;

    public ToldBackends With(BackendsKnown told) => this with { ByNode = ByNode.SetItem(told.Node, told.Backends) };

    /// <summary>Without what nodes said that are gone.</summary>
    public ToldBackends Among(IReadOnlySet<string> nodes) => this with { ByNode = ByNode.RemoveRange(ByNode.Keys.Where(n => !nodes.Contains(n))) };

    /// <summary>
    /// Of one pool, by id. Where nodes differ in the address, that of most of them counts, then the lower text; where one of them has it
    /// in use, it is.
    /// </summary>
    public IReadOnlyDictionary<string, ToldBackend> Of(string pool) => ByNode.Values
        .SelectMany(b => b)
        .Where(b => b.Backend.Pool == pool)
        .GroupBy(b => b.Backend.Id, StringComparer.Ordinal)
        .ToDictionary(
            b => b.Key,
            b => new ToldBackend(
                b.GroupBy(k => k.Address).OrderByDescending(a => a.Count()).ThenBy(a => a.Key.ToString(), StringComparer.Ordinal).First().Key,
                b.Any(k => k.LeftAt is null) ? null : b.Max(k => k.LeftAt)),
            StringComparer.Ordinal);
}

/// <summary>What the other nodes say of one backend.</summary>
/// <param name="LeftAt">Since when it drains at all of them that know it; null: it is in use.</param>
internal sealed record ToldBackend(Uri Address, DateTimeOffset? LeftAt);

/// <summary>Other nodes know other backends than before. Within a node.</summary>
internal sealed record ToldBackendsChanged(ToldBackends Told);
