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

    private static readonly Binding[] NoBindings = [];

    public static readonly BindingBucket Empty = new([.. Enumerable.Repeat(NoBindings, PageCount)], 0, 0);

    private readonly Binding[][] _pages;

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

    /// <summary>The lowest id; null where the bucket is empty.</summary>
    public SessionId? First => Count == 0 ? null : Array.Find(_pages, p => p.Length > 0)![0].Id;

    public static int PageOf(SessionId id) => (int)(id.High >> (64 - BucketBits - PageBits)) & (PageCount - 1);

    public ReadOnlySpan<Binding> Page(int index) => _pages[index];

    public bool TryGet(SessionId id, out Binding binding)
    {
        Binding[] page = _pages[PageOf(id)];
        int at = Search(page, id);
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

            pages[page] = from == to ? NoBindings : bindings[from..to].ToArray();
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
            int at = Search(page, binding.Id);
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
            pages[index] = at >= 0 ? Replaced(page, at, merged) : Inserted(page, ~at, merged);
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
            Binding[] page = ReferenceEquals(mine, theirs) ? mine : MergedPages(mine, theirs);
            page = Horizon == other.Horizon ? page : WithoutOlder(page, horizon);
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
            pages[i] = WithoutOlder(_pages[i], horizon);
            count += pages[i].Length;
        }

        return new BindingBucket(pages, count, horizon);
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
                int at = Search(before, binding.Id);
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

    // Ids are random, so the bits behind those that chose the page tell where in it an id stands, give or take one or
    // two: measured at twice the speed of a binary search. Steps double, so that a page of chosen ids is bounded too.
    private static int Search(Binding[] page, SessionId id)
    {
        if (page.Length == 0)
        {
            return ~0;
        }

        int low = 0;
        int high = page.Length - 1;
        int middle = (int)((((id.High << (BucketBits + PageBits)) >> 32) * (ulong)page.Length) >> 32);
        int step = 1;
        while (true)
        {
            int order = page[middle].Id.CompareTo(id);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
                middle += step;
            }
            else
            {
                high = middle - 1;
                middle -= step;
            }

            if (low > high)
            {
                return ~low;
            }

            step <<= 1;
            if (middle < low || middle > high)
            {
                middle = (low + high) >>> 1;
            }
        }
    }

    private static Binding[] WithoutOlder(Binding[] page, uint horizon)
    {
        int kept = 0;
        foreach (ref readonly Binding binding in page.AsSpan())
        {
            kept += binding.LastSeen >= horizon ? 1 : 0;
        }

        return kept == page.Length ? page
            : kept == 0 ? NoBindings
            : Array.FindAll(page, b => b.LastSeen >= horizon);
    }

    // Both pages in one pass, as two sorted lists are merged; one of them itself where it is the result.
    private static Binding[] MergedPages(Binding[] mine, Binding[] theirs)
    {
        if (theirs.Length == 0)
        {
            return mine;
        }

        if (mine.Length == 0)
        {
            return theirs;
        }

        var merged = new Binding[mine.Length + theirs.Length];
        int count = 0;
        int m = 0;
        int t = 0;
        bool isMine = true;
        bool isTheirs = true;
        while (m < mine.Length || t < theirs.Length)
        {
            int order = m == mine.Length ? 1 : t == theirs.Length ? -1 : mine[m].Id.CompareTo(theirs[t].Id);
            Binding binding = order < 0 ? mine[m] : order > 0 ? theirs[t] : Binding.Merge(mine[m], theirs[t]);
            isMine &= order <= 0 && binding == mine[m];
            isTheirs &= order >= 0 && binding == theirs[t];
            m += order <= 0 ? 1 : 0;
            t += order >= 0 ? 1 : 0;
            merged[count++] = binding;
        }

        return isMine ? mine : isTheirs ? theirs : count == merged.Length ? merged : merged[..count];
    }

    private static Binding[] Replaced(Binding[] page, int at, in Binding binding)
    {
        var copy = (Binding[])page.Clone();
        copy[at] = binding;
        return copy;
    }

    private static Binding[] Inserted(Binding[] page, int at, in Binding binding)
    {
        var copy = new Binding[page.Length + 1];
        page.AsSpan(0, at).CopyTo(copy);
        copy[at] = binding;
        page.AsSpan(at).CopyTo(copy.AsSpan(at + 1));
        return copy;
    }
}
