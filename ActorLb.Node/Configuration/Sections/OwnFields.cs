using System.Collections.Frozen;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>Fields that no route writes or takes, each with why.</summary>
internal static class OwnFields
{
    private const string Written = "is written by the balancer itself";
    private const string Framing = "says how the message is framed, which the balancer does anew";
    private const string OfConnection = "concerns one connection, and goes no further";
    private const string OfHost = "has a key of its own, rewrite.host";
    private const string Removed = "is removed from what clients send, who could write anything there, and written by nobody: backends are told of the client in X-Forwarded-For";

    private static readonly FrozenDictionary<string, string> Reasons = new (string Why, string[] Names)[]
    {
        (OfHost, ["Host"]),
        (Written, ["Via", "Forwarded", "X-Request-Id", "CDN-Loop", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix"]),
        (Framing, ["Content-Length", "Transfer-Encoding", "Trailer", "Expect"]),
        (OfConnection, ["Connection", "Keep-Alive", "Upgrade", "TE", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "HTTP2-Settings"]),
        (Removed, ["X-Real-IP"]),
    }.SelectMany(r => r.Names.Select(n => KeyValuePair.Create(n, r.Why))).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Null: a route may have it.</summary>
    public static string? Problem(string name) =>
        Reasons.TryGetValue(name, out string? why) ? $"{name} {why}"
        : name.StartsWith("X-ActorLb-", StringComparison.OrdinalIgnoreCase) ? $"{name} {Written}"
        : null;
}
