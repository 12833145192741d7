using ActorLb.Node.Configuration.Formats;

namespace ActorLb.Node.Admin;

/// <summary>How long a drain may take, as an operator writes it: a duration as in the configuration, above 0.</summary>
public static class DrainDeadline
{
    /// <summary>A deadline that is further away is a slip of the keyboard.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    public const string Wanted = "a number with a unit (ms, s, m, h or d), above 0 and at most 365d, such as \"5m\"";

    public static bool TryParse(string? text, out TimeSpan span)
    {
        span = default;
        return text is not null
            && Durations.Read(text.Trim(), out span) is null
            && span > TimeSpan.Zero
            && span <= Longest;
    }
}
