using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.limits.</summary>
internal static class LimitReader
{
    private const int HeaderBytesMin = 256;
    private const int HeaderBytesMax = 16 << 20;
    private const long RateMax = 1 << 30;
    private const int CountMax = 10_000_000;

    /// <summary>Of any timeout.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>The one of them that holds for as long as the node runs.</summary>
    public static int ReadSessionFeedLength(ConfigurationCursor limits) => limits["session-feed-length"].Integer(1, CountMax);

    public static LimitSettings Read(ConfigurationCursor limits) => new(
        (int)limits["request-line-bytes-max"].Bytes(HeaderBytesMin, HeaderBytesMax),
        (int)limits["header-bytes-max"].Bytes(HeaderBytesMin, HeaderBytesMax),
        limits["header-count-max"].Integer(1, 10_000),
        limits["body-bytes-max"].Bytes(0, long.MaxValue),
        limits["connections-max"].Integer(0, CountMax),
        limits["header-timeout"].Duration(TimeSpan.Zero, Longest),
        limits["idle-timeout"].Duration(TimeSpan.Zero, Longest),
        limits["body-timeout"].Duration(TimeSpan.Zero, Longest),
        limits["connect-timeout"].Duration(Shortest, Longest),
        limits["response-timeout"].Duration(TimeSpan.Zero, Longest),
        limits["backend-idle-timeout"].Duration(TimeSpan.Zero, Longest))
    {
        Memory = limits["memory"].Bytes(0, long.MaxValue),
        BodyRateMin = limits["body-rate-min"].Bytes(0, RateMax),
        ReadRateMin = limits["read-rate-min"].Bytes(0, RateMax),
        ConnectionAgeMax = limits["connection-age-max"].Duration(TimeSpan.Zero, Longest),
        TunnelTimeout = limits["tunnel-timeout"].Duration(TimeSpan.Zero, Longest),
        TunnelGrace = limits["tunnel-grace"].Duration(TimeSpan.Zero, Longest),
        HeldRequestsMax = limits["held-requests-max"].Integer(0, CountMax),
        ConnectionsPerAddressMax = limits["connections-per-address-max"].Integer(0, CountMax),
    };
}
