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

    /// <summary>This bucket with the bindings merged in, each by <see cref="Binding.Merge"/>; itself where nothing changes.</summary>
    public BindingBucket With(ReadOnlySpan<Binding> bindings)
    {
        Binding[][]? pages = null;
        int count = Count;
        foreach (Binding binding in bindings)
        {
            if (binding.LastSeen < Horizon)
            {
                continue;
            }

            int index = PageOf(binding.Id);
            Binding[] page = (pages ?? _pages)[index];
            int at = Search(page, binding.Id);
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

    /// <summary>The least upper bound of both: every binding of either, each merged, and the later horizon.</summary>
    public BindingBucket Merge(BindingBucket other)
    {
        BindingBucket merged = Cut(other.Horizon);
        if (ReferenceEquals(merged, other))
        {
            return merged;
        }

        for (int i = 0; i < PageCount; i++)
        {
            if (!ReferenceEquals(merged._pages[i], other._pages[i]))
            {
                merged = merged.With(other._pages[i]);
            }
        }

        return merged;
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
            pages[i] = Array.TrueForAll(_pages[i], b => b.LastSeen >= horizon)
                ? _pages[i]
                : Array.FindAll(_pages[i], b => b.LastSeen >= horizon);
            count += pages[i].Length;
        }

        return new BindingBucket(pages, count, horizon);
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

    private static int Search(Binding[] page, SessionId id)
    {
        int low = 0;
        int high = page.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = page[middle].Id.CompareTo(id);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
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
