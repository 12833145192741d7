using System.Collections.Frozen;

namespace ActorLb.Engine.Http2;

/// <summary>Names of fields that speak of one connection: a message of HTTP/2 with one of them is malformed (RFC 9113, 8.2.2).</summary>
internal static class ConnectionFields
{
    private static readonly FrozenSet<string> Names =
        new[] { "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>In any case.</summary>
    public static bool Contains(string name) => Names.Contains(name);

    /// <summary>In lower case, as names are in HTTP/2.</summary>
    public static bool Contains(ReadOnlySpan<byte> name) => name.Length switch
    {
        7 => name.SequenceEqual("upgrade"u8),
        10 => name.SequenceEqual("connection"u8) || name.SequenceEqual("keep-alive"u8),
        16 => name.SequenceEqual("proxy-connection"u8),
        17 => name.SequenceEqual("transfer-encoding"u8),
        _ => false,
    };
}
