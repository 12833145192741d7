using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActorLb.Shared.Sessions;

/// <summary>One page of a bucket: bindings in the order of their ids, each id once. Never changed, only replaced.</summary>
internal static class BindingPage
{
    public static readonly Binding[] Empty = [];

    // Halving without a branch: which half it is cannot be predicted, and a page of a full table has about 15.
    public static int Search(Binding[] page, SessionId id)
    {
        if (page.Length == 0)
        {
            return ~0;
        }

        ref Binding first = ref MemoryMarshal.GetArrayDataReference(page);
        int low = 0;
        for (int length = page.Length; length > 1;)
        {
            int half = length >> 1;
            low += half & -(Unsafe.Add(ref first, low + half).Id.High <= id.High ? 1 : 0);
            length -= half;
        }

        ref Binding found = ref Unsafe.Add(ref first, low);
        if (found.Id == id)
        {
            return low;
        }

        // Ids are random: two of one page that agree in their first half were chosen to.
        return found.Id.High == id.High ? SearchChosen(page, id)
            : found.Id.High < id.High ? ~(low + 1)
            : ~low;
    }

    private static int SearchChosen(Binding[] page, SessionId id)
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

    public static Binding[] WithoutOlder(Binding[] page, uint horizon)
    {
        int kept = 0;
        foreach (ref readonly Binding binding in page.AsSpan())
        {
            kept += binding.LastSeen >= horizon ? 1 : 0;
        }

        return kept == page.Length ? page
            : kept == 0 ? Empty
            : Array.FindAll(page, b => b.LastSeen >= horizon);
    }

    // Both pages in one pass, as two sorted lists are merged; one of them itself where it is the result.
    public static Binding[] Merged(Binding[] mine, Binding[] theirs)
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

    public static Binding[] Replaced(Binding[] page, int at, in Binding binding)
    {
        var copy = (Binding[])page.Clone();
        copy[at] = binding;
        return copy;
    }

    public static Binding[] Inserted(Binding[] page, int at, in Binding binding)
    {
        var copy = new Binding[page.Length + 1];
        page.AsSpan(0, at).CopyTo(copy);
        copy[at] = binding;
        page.AsSpan(at).CopyTo(copy.AsSpan(at + 1));
        return copy;
    }
}
