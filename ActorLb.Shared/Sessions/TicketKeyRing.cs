using System.Collections.Immutable;

namespace ActorLb.Shared.Sessions;

/// <summary>
/// The keys of tickets: the first signs, all verify. Merging two rings keeps both sides' keys, so that
/// clusters that meet log nobody out.
/// </summary>
public sealed class TicketKeyRing : IEquatable<TicketKeyRing>
{
    public static readonly TicketKeyRing Empty = new([]);

    private TicketKeyRing(ImmutableArray<TicketKey> keys) => Keys = keys;

    /// <summary>In signing order: the oldest first, then by secret. A key that just arrived does not sign before all have it.</summary>
    public ImmutableArray<TicketKey> Keys { get; }

    public bool IsEmpty => Keys.IsEmpty;

    public static TicketKeyRing Of(IEnumerable<TicketKey> keys) => new([.. keys.Distinct().Order(ByAge)]);

    /// <summary>The operator's own order, which is kept: rotation is the order in which they are listed.</summary>
    public static TicketKeyRing Configured(ImmutableArray<TicketKey> keys) => new(keys);

    public TicketKeyRing Merge(TicketKeyRing other) => Equals(other) ? this : Of(Keys.Concat(other.Keys));

    public bool Equals(TicketKeyRing? other) => other is not null && Keys.AsSpan().SequenceEqual(other.Keys.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as TicketKeyRing);

    public override int GetHashCode() => Keys.IsEmpty ? 0 : Keys[0].GetHashCode();

    private static readonly Comparer<TicketKey> ByAge = Comparer<TicketKey>.Create((left, right) =>
    {
        int age = left.CreatedAt.CompareTo(right.CreatedAt);
        return age != 0 ? age : left.Secret.AsSpan().SequenceCompareTo(right.Secret.AsSpan());
    });
}
