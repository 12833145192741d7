using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Exchanges;

/// <summary>What a request's head says to the access log. A lane whose head is gone by the end has kept it.</summary>
internal readonly ref struct AccessTexts
{
    public ReadOnlySpan<byte> Method { get; init; }

    public ReadOnlySpan<byte> Target { get; init; }

    public ReadOnlySpan<byte> Version { get; init; }

    public ReadOnlySpan<byte> Referer { get; init; }

    public ReadOnlySpan<byte> UserAgent { get; init; }

    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>Of its client's connection; empty in the clear.</summary>
    public ReadOnlySpan<byte> Tls { get; init; }

    /// <inheritdoc cref="AccessRecord.Headers"/>
    public ReadOnlySpan<ByteRange> Headers { get; init; }

    public ReadOnlySpan<byte> HeaderSource { get; init; }
}

/// <summary>What a request has come to.</summary>
/// <param name="Status">That the client got.</param>
/// <param name="Failure">None where a backend answered.</param>
/// <param name="BytesReceived">Of its body and its tunnel.</param>
/// <param name="BytesSent">Of the answer's body.</param>
internal readonly record struct AccessOutcome(int Status, FailureReason Failure, long BytesReceived, long BytesSent);

/// <summary>Writes requests to the access log.</summary>
internal static class AccessReport
{
    /// <param name="texts">Of a head that was refused nothing is believed: empty.</param>
    public static void Write(AccessLog log, TimeProvider time, IExchange exchange, in AccessTexts texts, in AccessOutcome outcome)
    {
        ref readonly ExchangeTimes times = ref exchange.Times;
        TimeSpan took = time.GetElapsedTime(times.BeganAt);
        log.TryWrite(new AccessRecord
        {
            UnixMilliseconds = (time.GetUtcNow() - took).ToUnixTimeMilliseconds(),
            Client = exchange.Forwarded.Address,
            Method = texts.Method,
            Target = texts.Target,
            Version = texts.Version,
            Status = outcome.Status,
            BytesSent = outcome.BytesSent,
            Referer = texts.Referer,
            UserAgent = texts.UserAgent,
            RequestId = exchange.RequestId,
            Pool = exchange.Assignment.Pool?.Name,
            Backend = exchange.Assignment.Backend?.Id,
            Microseconds = (long)took.TotalMicroseconds,
            Failure = outcome.Failure,
            Host = texts.Host,
            Tls = texts.Tls,
            Listener = exchange.Listener,
            Route = exchange.Route.Measured?.Name,
            Attempts = times.Attempts,
            Session = SessionOf(exchange.Assignment),
            BytesReceived = outcome.BytesReceived,
            QueueMicroseconds = Microseconds(times.QueueTicks),
            ConnectMicroseconds = Microseconds(times.ConnectTicks),
            FirstByteMicroseconds = times.AnsweredAt == 0 ? null : (long)time.GetElapsedTime(times.SentAt, times.AnsweredAt).TotalMicroseconds,
            Trace = exchange.Trace.IsOn ? new TraceId(exchange.Trace.Context.High, exchange.Trace.Context.Low) : default,
            Headers = texts.Headers,
            HeaderSource = texts.HeaderSource,
        });
    }

    private static ReadOnlySpan<byte> SessionOf(in Assignment assignment) =>
        assignment.HasEnded ? "ended"u8
        : !assignment.HasSession ? default
        : assignment.HasMoved ? "moved"u8
        : assignment.IsBound ? "known"u8 : "new"u8;

    private static long? Microseconds(long ticks) => ticks == 0 ? null : ticks / TimeSpan.TicksPerMicrosecond;
}
