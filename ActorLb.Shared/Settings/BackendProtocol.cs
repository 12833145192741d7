namespace ActorLb.Shared.Settings;

/// <summary>What a pool's backends are spoken to in.</summary>
public enum BackendProtocol
{
    /// <summary>HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2 (RFC 9113): by ALPN over TLS, in the clear by prior knowledge.</summary>
    Http2,
}

/// <summary>How connections of HTTP/2 to backends are used.</summary>
/// <param name="StreamsMax">Requests at a time on one of them, 1 to 1,000,000, whatever the backend allows.</param>
/// <param name="WindowBytes">Of one answer's body that may have come and not been taken by its client, 16 KiB to 16 MiB.</param>
/// <param name="PingInterval">After so long a silence in the midst of requests the backend is asked whether it lives; zero: only where there is a doubt.</param>
public sealed record Http2BackendSettings(int StreamsMax, int WindowBytes, TimeSpan PingInterval)
{
    public static readonly Http2BackendSettings Default = new(100, 64 * 1024, TimeSpan.Zero);
}
