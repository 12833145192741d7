using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Formats;

/// <summary>HTTP status codes and ranges of them: 200, 200-299.</summary>
internal static class StatusRanges
{
    public const string Expected = "status codes from 100 to 599, such as 200-299 or 200,204,301-302";

    /// <summary>Reads one code or range; null where it was read, else what is wrong.</summary>
    public static string? Read(string text, out StatusRange range)
    {
        string[] ends = text.Split('-', StringSplitOptions.TrimEntries);
        range = default;
        if (ends.Length > 2 || !TryReadCode(ends[0], out int from) || !TryReadCode(ends[^1], out int to))
        {
            return $"'{text}' is no status code and no range of them";
        }

        range = new StatusRange(from, to);
        return from <= to ? null : $"'{text}' ends before it begins";
    }

    /// <summary>Reads a list with commas; null where it was read, else what is wrong with the first that is wrong.</summary>
    public static string? Read(string text, out ImmutableArray<StatusRange> ranges)
    {
        var builder = ImmutableArray.CreateBuilder<StatusRange>();
        ranges = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (Read(part, out StatusRange range) is { } problem)
            {
                return problem;
            }

            builder.Add(range);
        }

        ranges = builder.ToImmutable();
        return null;
    }

    private static bool TryReadCode(string text, out int code) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out code) && code is >= 100 and <= 599;
}
