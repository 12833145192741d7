using ActorLb.Engine.Failures;

namespace ActorLb.Engine.AccessLogs;

/// <summary>What the access log tells of one request. Plain values: bytes are as the client sent them, empty is unknown.</summary>
internal readonly ref struct AccessRecord
{
    /// <summary>When the request began, in milliseconds since 1970-01-01 UTC.</summary>
    public long UnixMilliseconds { get; init; }

    /// <summary>The peer's address as text, without a port.</summary>
    public ReadOnlySpan<byte> Client { get; init; }

    public ReadOnlySpan<byte> Method { get; init; }

    public ReadOnlySpan<byte> Target { get; init; }

    /// <summary>HTTP/1.0, HTTP/1.1 or HTTP/2.</summary>
    public ReadOnlySpan<byte> Version { get; init; }

    /// <summary>The status that the client got; 499 where it left before.</summary>
    public int Status { get; init; }

    /// <summary>Of the answer's body, as it left this node.</summary>
    public long BytesSent { get; init; }

    public ReadOnlySpan<byte> Referer { get; init; }

    public ReadOnlySpan<byte> UserAgent { get; init; }

    public ReadOnlySpan<byte> RequestId { get; init; }

    public string? Pool { get; init; }

    /// <summary>The id of the backend that was asked last.</summary>
    public string? Backend { get; init; }

    /// <summary>From the request's head to the end of its answer.</summary>
    public long Microseconds { get; init; }

    public FailureReason Failure { get; init; }
}
