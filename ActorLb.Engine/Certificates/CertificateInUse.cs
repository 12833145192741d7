using System.Globalization;

namespace ActorLb.Engine.Certificates;

/// <summary>A certificate that a listener or the admin API shows now, or that backends are shown.</summary>
/// <param name="Key">Of the configuration, below actorlb.</param>
/// <param name="Loaded">What was in its files, as hashes.</param>
/// <param name="Description">For people.</param>
public sealed record CertificateInUse(string Key, string Loaded, string Description, DateTimeOffset Expires)
{
    /// <summary>From then on somebody should look. Renewals that go well are done weeks before; the alerts in deploy/alerts go by the same.</summary>
    public static readonly TimeSpan ExpiresSoon = TimeSpan.FromDays(14);

    /// <summary>From when on it is good.</summary>
    public DateTimeOffset Begins { get; init; } = DateTimeOffset.MinValue;

    /// <summary>Of the certificate itself, SHA-256 as hexadecimal digits: another one may have the same key, subject and dates. Empty: a node of an older version does not say.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>It is not good now, or not for long.</summary>
    public bool IsToRenew(DateTimeOffset now) => now < Begins || Expires - now <= ExpiresSoon;

    /// <summary>A time to come for people, "6 days", below two days "47 hours", below an hour minutes.</summary>
    public static string Counted(TimeSpan left)
    {
        TimeSpan rounded = left + TimeSpan.FromMinutes(30);
        (int count, string unit) = rounded >= TimeSpan.FromDays(2) ? ((int)rounded.TotalDays, "day")
            : left >= TimeSpan.FromHours(1) ? ((int)rounded.TotalHours, "hour")
            : (Math.Max(1, (int)Math.Ceiling(left.TotalMinutes)), "minute");
        return string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");
    }
}
