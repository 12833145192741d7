using System.Collections.Immutable;

namespace ActorLb.Shared.Sessions;

/// <summary>
/// The keys of tickets: the first signs, all verify. As the nodes share it, merging keeps both sides' keys and gives
/// the same ring in any order. Immutable.
/// </summary>
public sealed class TicketKeyRing : IEquatable<TicketKeyRing>
{
    /// <summary>Of more clusters than ever were made into one; the oldest stay.</summary>
    public const int RootsMax = 4;

    public static readonly TicketKeyRing Empty = new([], 0, [], []);

    private TicketKeyRing(ImmutableArray<TicketKeyEntry> entries, long horizon, ImmutableArray<TicketKey> keys, ImmutableArray<TicketKey> roots)
    {
        Entries = entries;
        Horizon = horizon;
        Keys = keys;
        Roots = roots;
        Signer = entries.FirstOrDefault(e => e.Key.Equals(keys[0]));
        Pending = Signer is null ? null : Highest(entries.Where(e => !e.Signs && e.Outranks(Signer)));
    }

    /// <summary>The signer first, the others by age.</summary>
    public ImmutableArray<TicketKey> Keys { get; }

    /// <summary>What is agreed on about each key, by age. Empty for a ring from the configuration.</summary>
    public ImmutableArray<TicketKeyEntry> Entries { get; }

    /// <summary>Keys below the signer that was agreed on, and that last signed before this, are gone; milliseconds since 1970, only grows.</summary>
    public long Horizon { get; }

    /// <summary>
    /// What gives sessions their names that are known by the values of cookies of others: never changed by a rotation, or all of
    /// them would begin again. By age, the first names new sessions; there are several where clusters were made into one.
    /// </summary>
    public ImmutableArray<TicketKey> Roots { get; }

    /// <summary>
    /// The highest of those that may sign. Where nobody has agreed on one, the oldest key: nodes of the first version
    /// sign with that. Null for an empty ring and one from the configuration.
    /// </summary>
    public TicketKeyEntry? Signer { get; }

    /// <summary>The key that is to sign when all members hold it; null where no change is under way.</summary>
    public TicketKeyEntry? Pending { get; }

    public bool IsEmpty => Keys.IsEmpty;

    /// <summary>A ring of keys about which nothing was agreed on yet.</summary>
    public static TicketKeyRing Of(IEnumerable<TicketKey> keys) => Of(keys.Select(k => new TicketKeyEntry(k, 0, false, 0)), 0);

    public static TicketKeyRing Of(IEnumerable<TicketKeyEntry> entries, long horizon) => Of(entries, horizon, []);

    /// <param name="roots">In any order, and as often as one likes.</param>
    public static TicketKeyRing Of(IEnumerable<TicketKeyEntry> entries, long horizon, IEnumerable<TicketKey> roots)
    {
        ImmutableArray<TicketKey> kept = [.. roots.Distinct().Order(KeysByAge).Take(RootsMax)];
        ImmutableArray<TicketKeyEntry> merged =
        [
            .. entries.GroupBy(e => e.Key).Select(same => same.Aggregate((l, r) => l.Merge(r))).Order(ByAge),
        ];
        if (merged.IsEmpty)
        {
            return horizon == 0 && kept.IsEmpty ? Empty : new TicketKeyRing([], horizon, [], kept);
        }

        // What is below one that nobody agreed on may be above the next one: only what was agreed on cuts off, or a merge could be undone by another.
        TicketKeyEntry? agreed = Highest(merged.Where(e => e.Signs));
        TicketKeyEntry signer = agreed ?? merged.FirstOrDefault(e => e.Turn == 0) ?? merged[0];
        merged = [.. merged.Where(e => agreed is null || !IsBelow(e, agreed, horizon))];
        return new TicketKeyRing(merged, horizon, [signer.Key, .. merged.Where(e => !ReferenceEquals(e, signer)).Select(e => e.Key)], kept);
    }

    /// <summary>The operator's own order, which is kept: rotation is the order in which they are listed.</summary>
    public static TicketKeyRing Configured(ImmutableArray<TicketKey> keys) => new([], 0, keys, []);

    public TicketKeyRing Merge(TicketKeyRing other) =>
        Equals(other) ? this : Of(Entries.Concat(other.Entries), Math.Max(Horizon, other.Horizon), Roots.Concat(other.Roots));

    /// <summary>
    /// Takes in what a node brings that comes from elsewhere (another cluster, the other side of a partition, its disk).
    /// Its keys verify here; that all members there held them says nothing about the members here.
    /// </summary>
    public TicketKeyRing Admit(TicketKeyRing joiner) =>
        Of(Entries.Concat(joiner.Entries.Select(e => e with { Signs = false })), Math.Max(Horizon, joiner.Horizon), Roots.Concat(joiner.Roots));

    /// <summary>The same with a root, where there is a key and no root yet: made of the oldest key, so that all who have this ring make the same.</summary>
    public TicketKeyRing Rooted() =>
        Entries.IsEmpty || !Roots.IsEmpty ? this : Of(Entries, Horizon, [Entries[0].Key.Root()]);

    /// <summary>The same with a key that is to sign when all members hold it.</summary>
    public TicketKeyRing WithNext(TicketKey key, long now) =>
        Of(Entries.Add(new TicketKeyEntry(key, NextTurn, false, now)), Horizon, Roots);

    /// <summary>The key may sign. Only for one that all members hold, or the first one of all.</summary>
    public TicketKeyRing Signing(TicketKey key, long now) =>
        Of(Entries.Append(new TicketKeyEntry(key, Entries.FirstOrDefault(e => e.Key.Equals(key))?.Turn is { } turn and > 0 ? turn : NextTurn, true, now)), Horizon, Roots);

    /// <summary>Somebody signed with the key until now.</summary>
    public TicketKeyRing Signed(TicketKey key, long now) =>
        Of(Entries.Select(e => e.Key.Equals(key) && e.SignedAt < now ? e with { SignedAt = now } : e), Horizon, Roots);

    /// <summary>Without the keys below the signer that last signed before this, here and in all that this is merged with; the same where there are none.</summary>
    public TicketKeyRing Cut(long horizon) => Signer is { Signs: true } signer && Entries.Any(e => IsBelow(e, signer, horizon)) ? Of(Entries, horizon, Roots) : this;

    public TicketKeyEntry? Find(ulong fingerprint) => Entries.FirstOrDefault(e => e.Key.Fingerprint == fingerprint);

    public bool Equals(TicketKeyRing? other) =>
        other is not null
        && Horizon == other.Horizon
        && Entries.AsSpan().SequenceEqual(other.Entries.AsSpan())
        && Keys.AsSpan().SequenceEqual(other.Keys.AsSpan())
        && Roots.AsSpan().SequenceEqual(other.Roots.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as TicketKeyRing);

    public override int GetHashCode() => Keys.IsEmpty ? 0 : Keys[0].GetHashCode();

    private uint NextTurn => Entries.IsEmpty ? 1 : Entries.Max(e => e.Turn) + 1;

    private static bool IsBelow(TicketKeyEntry entry, TicketKeyEntry signer, long horizon) =>
        signer.Outranks(entry) && entry.SignedAt < horizon;

    private static TicketKeyEntry? Highest(IEnumerable<TicketKeyEntry> entries) =>
        entries.Aggregate((TicketKeyEntry?)null, (highest, e) => highest is null || e.Outranks(highest) ? e : highest);

    private static readonly Comparer<TicketKey> KeysByAge = Comparer<TicketKey>.Create(TicketKey.CompareByAge);

    private static readonly Comparer<TicketKeyEntry> ByAge =
        Comparer<TicketKeyEntry>.Create((left, right) => TicketKey.CompareByAge(left.Key, right.Key));
}
