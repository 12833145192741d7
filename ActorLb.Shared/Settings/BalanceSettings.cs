namespace ActorLb.Shared.Settings;

/// <summary>How requests of no session are spread over a pool's backends.</summary>
public enum BalanceKind
{
    /// <summary>Each in turn, by weight.</summary>
    RoundRobin,

    /// <summary>Where the fewest requests are for the weight.</summary>
    LeastRequests,

    /// <summary>The less loaded of the one in turn and another one by chance.</summary>
    PowerOfTwo,

    /// <summary>By a key of the request.</summary>
    Hash,
}

/// <summary>What of a request is its key.</summary>
public enum HashOn
{
    ClientAddress,
    Path,
    Header,
    Cookie,
}

/// <summary>balance and hash of a pool.</summary>
/// <param name="On">Asked for where <paramref name="Kind"/> is hash.</param>
/// <param name="Name">Of the header (compared without case) or of the cookie; else empty.</param>
public sealed record BalanceSettings(BalanceKind Kind, HashOn On, string Name)
{
    public static readonly BalanceSettings RoundRobin = new(BalanceKind.RoundRobin, HashOn.ClientAddress, "");
}
