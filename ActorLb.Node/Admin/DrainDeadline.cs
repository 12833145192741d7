using System.Globalization;

namespace ActorLb.Node.Admin;

/// <summary>A span of time as an operator writes it: a number with a unit, "250ms", "30s", "5m", "1h", "2d".</summary>
public static class DrainDeadline
{
    /// <summary>A deadline that is further away is a slip of the keyboard.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    public const string Wanted = "a number with a unit (ms, s, m, h or d), above 0 and at most 365d, such as \"5m\"";

    private static readonly (string Unit, long Milliseconds)[] Units =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    public static bool TryParse(string? text, out TimeSpan span)
    {
        span = default;
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        int digits = 0;
        while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.'))
        {
            digits++;
        }

        ReadOnlySpan<char> unit = rest[digits..].TrimStart();
        foreach ((string name, long milliseconds) in Units)
        {
            if (unit.SequenceEqual(name))
            {
                if (!decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
                    || number > (decimal)Longest.TotalMilliseconds / milliseconds)
                {
                    return false;
                }

                span = TimeSpan.FromTicks((long)(number * milliseconds * TimeSpan.TicksPerMillisecond));
                return span > TimeSpan.Zero;
            }
        }

        return false;
    }
}
