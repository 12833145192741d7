using System.Collections.Immutable;

namespace ActorLb.Node.Topologies;

/// <summary>
/// In which items two lists differ, whose items are what they say. Items are matched by content: what stays in its order is none, what
/// stands elsewhere among the others has moved, and what came and went between the same neighbours has changed. Pure.
/// </summary>
internal static class SequenceDifferences
{
    /// <summary>Comparisons in which items of one gap find who they were; beyond that they are taken in their order.</summary>
    private const int ComparedMax = 10_000;

    public static IEnumerable<SettingDifference> Between(string key, ImmutableArray<string> before, ImmutableArray<string> after)
    {
        int[] from = Matches(before, after);
        bool[] stays = Staying(from);
        bool[] isThere = new bool[before.Length];
        foreach (int old in from.Where(f => f >= 0))
        {
            isThere[old] = true;
        }

        int start = 0;
        int begin = 0;
        for (int end = 0; end <= after.Length; end++)
        {
            if (end == after.Length || stays[end])
            {
                int last = end == after.Length ? before.Length : from[end];
                int[] gone = [.. Enumerable.Range(start, last - start).Where(i => !isThere[i])];
                foreach (SettingDifference difference in Within(gone, begin, end))
                {
                    yield return difference;
                }

                start = last + 1;
                begin = end + 1;
            }
        }

        IEnumerable<SettingDifference> Within(int[] gone, int first, int end)
        {
            int[] come = [.. Enumerable.Range(first, end - first).Where(i => from[i] < 0)];
            Dictionary<int, int> changed = Pairs(before, gone, after, come);
            IEnumerable<(int Place, SettingDifference Told)> went = gone.Where(i => !changed.ContainsValue(i)).Select(i => (i, new SettingDifference(At(i), before[i], null)));
            IEnumerable<(int Place, SettingDifference Told)> came = Enumerable.Range(first, end - first).Select(i => (i, from[i] >= 0
                ? new SettingDifference($"{At(i)} (moved)", At(from[i]), after[i])
                : new SettingDifference(At(i), changed.TryGetValue(i, out int was) ? before[was] : null, after[i])));
            return went.Concat(came).OrderBy(d => d.Place).Select(d => d.Told);
        }

        string At(int place) => FormattableString.Invariant($"{key}[{place}]");
    }

    // Where each item was; negative: it is new. Of equal ones the first was the first.
    private static int[] Matches(ImmutableArray<string> before, ImmutableArray<string> after)
    {
        Dictionary<string, Queue<int>> places = [];
        for (int i = 0; i < before.Length; i++)
        {
            if (!places.TryGetValue(before[i], out Queue<int>? same))
            {
                places.Add(before[i], same = new Queue<int>());
            }

            same.Enqueue(i);
        }

        return [.. after.Select(item => places.TryGetValue(item, out Queue<int>? same) && same.TryDequeue(out int place) ? place : -1)];
    }

    // The most that can stay in their order: the longest increasing subsequence (Fredman, 1975).
    private static bool[] Staying(int[] from)
    {
        int[] previous = new int[from.Length];
        var ends = new List<int>();
        for (int i = 0; i < from.Length; i++)
        {
            if (from[i] < 0)
            {
                continue;
            }

            int length = Shorter(ends, from, from[i]);
            previous[i] = length == 0 ? -1 : ends[length - 1];
            if (length == ends.Count)
            {
                ends.Add(i);
            }
            else
            {
                ends[length] = i;
            }
        }

        bool[] stays = new bool[from.Length];
        for (int i = ends.Count == 0 ? -1 : ends[^1]; i >= 0; i = previous[i])
        {
            stays[i] = true;
        }

        return stays;
    }

    // How many of the ends lie before a place.
    private static int Shorter(List<int> ends, int[] from, int place)
    {
        (int low, int high) = (0, ends.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = from[ends[middle]] < place ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    // Who came in the place of whom: those that begin alike the longest.
    private static Dictionary<int, int> Pairs(ImmutableArray<string> before, int[] gone, ImmutableArray<string> after, int[] come)
    {
        IEnumerable<(int New, int Old)> inOrder = gone.Length * (long)come.Length > ComparedMax
            ? come.Zip(gone)
            : come.SelectMany(n => gone.Select(o => (New: n, Old: o))).OrderByDescending(p => after[p.New].AsSpan().CommonPrefixLength(before[p.Old]));
        Dictionary<int, int> pairs = [];
        HashSet<int> taken = [];
        foreach ((int added, int old) in inOrder)
        {
            if (!pairs.ContainsKey(added) && taken.Add(old))
            {
                pairs.Add(added, old);
            }
        }

        return pairs;
    }
}
