using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Failures;

namespace ActorLb.Engine.Exchanges;

/// <summary>What a request's head says to the access log. A lane whose head is gone by the end has kept it.</summary>
internal readonly ref struct AccessTexts
{
    public ReadOnlySpan<byte> Method { get; init; }

    public ReadOnlySpan<byte> Target { get; init; }

    public ReadOnlySpan<byte> Version { get; init; }

    public ReadOnlySpan<byte> Referer { get; init; }

    public ReadOnlySpan<byte> UserAgent { get; init; }
}

/// <summary>Writes requests to the access log.</summary>
internal static class AccessReport
{
    /// <param name="beganAt">In the time provider's ticks.</param>
    /// <param name="texts">Of a head that was refused nothing is believed: empty.</param>
    /// <param name="status">That the client got.</param>
    /// <param name="bytesSent">Of the answer's body.</param>
    /// <param name="failure">None where a backend answered.</param>
    public static void Write(
        AccessLog log, TimeProvider time, long beganAt, IExchange exchange, in AccessTexts texts, int status, long bytesSent, FailureReason failure)
    {
        TimeSpan took = time.GetElapsedTime(beganAt);
        log.TryWrite(new AccessRecord
        {
            UnixMilliseconds = (time.GetUtcNow() - took).ToUnixTimeMilliseconds(),
            Client = exchange.Forwarded.Address,
            Method = texts.Method,
            Target = texts.Target,
            Version = texts.Version,
            Status = status,
            BytesSent = bytesSent,
            Referer = texts.Referer,
            UserAgent = texts.UserAgent,
            RequestId = exchange.RequestId,
            Pool = exchange.Assignment.Pool?.Name,
            Backend = exchange.Assignment.Backend?.Id,
            Microseconds = (long)took.TotalMicroseconds,
            Failure = failure,
        });
    }
}
