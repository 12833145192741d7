using System.Collections.Immutable;

namespace ActorLb.Shared.Sessions;

/// <summary>
/// The bindings of one bucket: 64 immutable sorted pages, shared between versions. It is the value that is
/// replicated and the table that the data plane reads: a change copies one page and the list of pages.
/// Equal content has equal pages, whatever the order in which it came (canonical).
/// </summary>
public sealed class BindingBucket : IEquatable<BindingBucket>
{
    public const int PageCount = 64;

    private const int BucketBits = 10;
    private const int PageBits = 6;

    public static readonly BindingBucket Empty = new([.. Enumerable.Repeat(BindingPage.Empty, PageCount)], 0, 0);

    private readonly Binding[][] _pages;
    private ulong _fingerprint;

    private BindingBucket(Binding[][] pages, int count, uint horizon)
    {
        _pages = pages;
        Count = count;
        Horizon = horizon;
    }

    /// <summary>How many bindings there are.</summary>
    public int Count { get; }

    /// <summary>Bindings last seen before this second are gone for good and are not taken in again. Only grows.</summary>
    public uint Horizon { get; }

    /// <summary>
    /// 64 bits that tell buckets of different content apart, never 0 for one that holds bindings. Computed at the
    /// first time; any thread may ask. No defence against somebody who chooses bindings.
    /// </summary>
    public ulong Fingerprint
    {
        get
        {
            ulong known = Volatile.Read(ref _fingerprint);
            if (known == 0 && Count > 0)
            {
                known = BucketFingerprint.Of(this);
                Volatile.Write(ref _fingerprint, known);
            }

            return known;
        }
    }

    /// <summary>The same for each page, 0 for one that is empty. Computed anew each time.</summary>
    public ImmutableArray<ulong> PageFingerprints() => [.. _pages.Select(p => BucketFingerprint.Of(p))];

    public static int PageOf(SessionId id) => (int)(id.High >> (64 - BucketBits - PageBits)) & (PageCount - 1);

    public ReadOnlySpan<Binding> Page(int index) => _pages[index];

    public bool TryGet(SessionId id, out Binding binding)
    {
        Binding[] page = _pages[PageOf(id)];
        int at = BindingPage.Search(page, id);
        if (at >= 0)
        {
            binding = page[at];
            return true;
        }

        binding = default;
        return false;
    }

    /// <summary>The bucket of bindings that are already in the order of their ids, each id once.</summary>
    /// <exception cref="ArgumentException">They are not, or one is from before the horizon.</exception>
    public static BindingBucket FromSorted(ReadOnlySpan<Binding> bindings, uint horizon)
    {
        var pages = new Binding[PageCount][];
        int from = 0;
        for (int page = 0; page < PageCount; page++)
        {
            int to = from;
            for (; to < bindings.Length && PageOf(bindings[to].Id) == page; to++)
            {
                if ((to > 0 && bindings[to].Id <= bindings[to - 1].Id) || bindings[to].LastSeen < horizon)
                {
                    throw new ArgumentException($"binding {to} is out of order or from before the horizon", nameof(bindings));
                }
            }

            pages[page] = from == to ? BindingPage.Empty : bindings[from..to].ToArray();
            from = to;
        }

        return from == bindings.Length
            ? new BindingBucket(pages, from, horizon)
            : throw new ArgumentException($"binding {from} is out of order", nameof(bindings));
    }

    /// <summary>
    /// This bucket with the bindings merged in, each by <see cref="Binding.Merge"/>; itself where nothing changes.
    /// One from before the horizon is not taken in anew, but tells a binding that is here what it knows.
    /// </summary>
    public BindingBucket With(ReadOnlySpan<Binding> bindings)
    {
        Binding[][]? pages = null;
        int count = Count;
        foreach (Binding binding in bindings)
        {
            int index = PageOf(binding.Id);
            Binding[] page = (pages ?? _pages)[index];
            int at = BindingPage.Search(page, binding.Id);
            if (at < 0 && binding.LastSeen < Horizon)
            {
                continue;
            }

            Binding merged = at >= 0 ? Binding.Merge(page[at], binding) : binding;
            if (at >= 0 && merged == page[at])
            {
                continue;
            }

            pages ??= (Binding[][])_pages.Clone();
            pages[index] = at >= 0 ? BindingPage.Replaced(page, at, merged) : BindingPage.Inserted(page, ~at, merged);
            count += at >= 0 ? 0 : 1;
        }

        return pages is null ? this : new BindingBucket(pages, count, Horizon);
    }

    /// <summary>
    /// Every binding of either, each merged, without those from before the later horizon. Where one side already
    /// says it all, the result is that side: pages stay shared between the replicas of one process.
    /// </summary>
    public BindingBucket Merge(BindingBucket other)
    {
        if (ReferenceEquals(this, other))
        {
            return this;
        }

        uint horizon = Math.Max(Horizon, other.Horizon);
        var pages = new Binding[PageCount][];
        int count = 0;
        bool allMine = horizon == Horizon;
        bool allTheirs = horizon == other.Horizon;
        for (int i = 0; i < PageCount; i++)
        {
            Binding[] mine = _pages[i];
            Binding[] theirs = other._pages[i];
            Binding[] page = ReferenceEquals(mine, theirs) ? mine : BindingPage.Merged(mine, theirs);
            page = Horizon == other.Horizon ? page : BindingPage.WithoutOlder(page, horizon);
            pages[i] = page;
            count += page.Length;
            allMine &= ReferenceEquals(page, mine);
            allTheirs &= ReferenceEquals(page, theirs);
        }

        return allMine ? this : allTheirs ? other : new BindingBucket(pages, count, horizon);
    }

    /// <summary>This bucket without the bindings last seen before the horizon; itself where the horizon is not later.</summary>
    public BindingBucket Cut(uint horizon)
    {
        if (horizon <= Horizon)
        {
            return this;
        }

        var pages = new Binding[PageCount][];
        int count = 0;
        for (int i = 0; i < PageCount; i++)
        {
            pages[i] = BindingPage.WithoutOlder(_pages[i], horizon);
            count += pages[i].Length;
        }

        return new BindingBucket(pages, count, horizon);
    }

    /// <summary>
    /// This bucket with a horizon that can be meant: one later than now is from a clock that was ahead, and would keep out
    /// all that is new until then.
    /// </summary>
    public BindingBucket WithHorizonBefore(uint now) => Horizon > now ? new BindingBucket(_pages, Count, 0) : this;

    /// <summary>This bucket without the pages whose bits are set.</summary>
    public BindingBucket WithoutPages(ulong mask) => WithPages(mask, Empty);

    /// <summary>This bucket with the pages whose bits are set as the other one has them.</summary>
    public BindingBucket WithPages(ulong mask, BindingBucket other)
    {
        if (mask == 0)
        {
            return this;
        }

        var pages = new Binding[PageCount][];
        int count = 0;
        for (int i = 0; i < PageCount; i++)
        {
            bool isTheirs = (mask >> i & 1) != 0;
            pages[i] = !isTheirs ? _pages[i]
                : other.Horizon >= Horizon ? other._pages[i]
                : BindingPage.WithoutOlder(other._pages[i], Horizon);
            count += pages[i].Length;
        }

        return new BindingBucket(pages, count, Horizon);
    }

    /// <summary>Whether a binding was last seen before this second.</summary>
    public bool HasOlder(uint second)
    {
        foreach (Binding[] page in _pages)
        {
            foreach (ref readonly Binding binding in page.AsSpan())
            {
                if (binding.LastSeen < second)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Those that a cut at this horizon takes away.</summary>
    public IEnumerable<Binding> Before(uint horizon) => _pages.SelectMany(p => p.Where(b => b.LastSeen < horizon));

    /// <summary>The bindings that are to be kept; itself where that is all of them. Asks once for each, in the order of their ids.</summary>
    public BindingBucket Keeping(Predicate<Binding> keeps)
    {
        var pages = new Binding[PageCount][];
        int count = 0;
        for (int i = 0; i < PageCount; i++)
        {
            Binding[] kept = Array.FindAll(_pages[i], keeps);
            pages[i] = kept.Length == _pages[i].Length ? _pages[i] : kept;
            count += kept.Length;
        }

        return count == Count ? this : new BindingBucket(pages, count, Horizon);
    }

    /// <summary>The bindings here that the earlier version did not have, or had otherwise. Looks only at pages that changed.</summary>
    public ImmutableArray<Binding> ChangedSince(BindingBucket earlier)
    {
        var changed = ImmutableArray.CreateBuilder<Binding>();
        for (int i = 0; i < PageCount; i++)
        {
            Binding[] page = _pages[i];
            Binding[] before = earlier._pages[i];
            if (ReferenceEquals(page, before))
            {
                continue;
            }

            foreach (ref readonly Binding binding in page.AsSpan())
            {
                int at = BindingPage.Search(before, binding.Id);
                if (at < 0 || before[at] != binding)
                {
                    changed.Add(binding);
                }
            }
        }

        return changed.ToImmutable();
    }

    public bool Equals(BindingBucket? other)
    {
        if (other is null || Count != other.Count || Horizon != other.Horizon)
        {
            return false;
        }

        for (int i = 0; i < PageCount; i++)
        {
            if (!ReferenceEquals(_pages[i], other._pages[i]) && !_pages[i].AsSpan().SequenceEqual(other._pages[i]))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as BindingBucket);

    public override int GetHashCode() => HashCode.Combine(Count, Horizon);
}
