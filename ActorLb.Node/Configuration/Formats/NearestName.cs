namespace ActorLb.Node.Configuration.Formats;

/// <summary>Finds what somebody most probably meant: the known name with the fewest edits between.</summary>
internal static class NearestName
{
    /// <summary>Characters of what somebody typed; longer than any name of ours.</summary>
    private const int LengthMax = 2 * Names.LengthMax;

    /// <summary>Null where no known name is near: more than half of it would have to be edited.</summary>
    public static string? Of(string written, IEnumerable<string> known)
    {
        (string Name, int Distance)? nearest = null;
        foreach (string name in written.Length > LengthMax ? [] : known)
        {
            // As many edits as one is longer are needed at least.
            int most = Math.Max(1, Math.Max(written.Length, name.Length) / 2);
            if (Math.Abs(written.Length - name.Length) > Math.Min(most, nearest?.Distance ?? most))
            {
                continue;
            }

            int distance = Distance(written, name);
            if (nearest is not { } best || distance < best.Distance || (distance == best.Distance && string.CompareOrdinal(name, best.Name) < 0))
            {
                nearest = (name, distance);
            }
        }

        return nearest is { } found && found.Distance <= Math.Max(1, Math.Max(written.Length, found.Name.Length) / 2) ? found.Name : null;
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
