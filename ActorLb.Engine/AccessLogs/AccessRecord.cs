using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;

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

    /// <summary>Whom the request is for.</summary>
    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>TLSv1.2 or TLSv1.3 of the connection to us; empty in the clear.</summary>
    public ReadOnlySpan<byte> Tls { get; init; }

    public string? Listener { get; init; }

    /// <summary>The host and path of its route, as they are written.</summary>
    public string? Route { get; init; }

    /// <summary>How often a backend was to get it.</summary>
    public int Attempts { get; init; }

    /// <summary>What became of its session; empty: it has none.</summary>
    public ReadOnlySpan<byte> Session { get; init; }

    /// <summary>Of the request's body, and what its client sent over a tunnel.</summary>
    public long BytesReceived { get; init; }

    /// <summary>In queues for a place at a backend; null: it waited in none.</summary>
    public long? QueueMicroseconds { get; init; }

    /// <summary>Of connections that were made for it; null: there was one already, or none came about.</summary>
    public long? ConnectMicroseconds { get; init; }

    /// <summary>From sending it to the first byte of the answer; null: no byte has come.</summary>
    public long? FirstByteMicroseconds { get; init; }

    public TraceId Trace { get; init; }

    /// <summary>Fields of its head, as <see cref="AccessFields.Headers"/> names them; none where they are not known.</summary>
    public ReadOnlySpan<ByteRange> Headers { get; init; }

    /// <summary>What <see cref="Headers"/> are offsets into.</summary>
    public ReadOnlySpan<byte> HeaderSource { get; init; }
}

/// <summary>The id of a trace; zeros: of none.</summary>
internal readonly record struct TraceId(ulong High, ulong Low);
