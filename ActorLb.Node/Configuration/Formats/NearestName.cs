namespace ActorLb.Node.Configuration.Formats;

/// <summary>Finds what somebody most probably meant: the known name with the fewest edits between.</summary>
internal static class NearestName
{
    /// <summary>Null where no known name is near: more than half of it would have to be edited.</summary>
    public static string? Of(string written, IEnumerable<string> known)
    {
        string? nearest = known.OrderBy(k => Distance(written, k)).ThenBy(k => k, StringComparer.Ordinal).FirstOrDefault();
        return nearest is not null && Distance(written, nearest) <= Math.Max(1, Math.Max(written.Length, nearest.Length) / 2)
            ? nearest
            : null;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), without case.</summary>
    public static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (int j = 0; j <= right.Length; j++)
        {
            rows[0, j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            for (int j = 1; j <= right.Length; j++)
            {
                int replaced = rows[i - 1, j - 1] + (Same(left[i - 1], right[j - 1]) ? 0 : 1);
                rows[i, j] = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[left.Length, right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
