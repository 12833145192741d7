using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>Writes this lane's requests to the access log. Of a head that was refused nothing is believed.</summary>
internal static class AccessEntry
{
    public static void Write(AccessLog log, Exchange exchange, TimeProvider time)
    {
        ReceivedHead head = exchange.Head;
        FailureReason failure = exchange.Failure;
        bool isAnswered = exchange.Client.HasStarted || failure == FailureReason.None;
        TimeSpan took = time.GetElapsedTime(exchange.BeganAt);
        log.TryWrite(new AccessRecord
        {
            UnixMilliseconds = (time.GetUtcNow() - took).ToUnixTimeMilliseconds(),
            Client = exchange.Forwarded.Address,
            Method = exchange.Client.MethodOf(head),
            Target = head.Head.Target.Whole.Of(head.Source),
            Version = VersionOf(exchange),
            Status = isAnswered ? exchange.Client.Status : FailureAnswer.Of(failure).Status,
            BytesSent = exchange.BytesSent,
            Referer = head.Find("Referer"u8),
            UserAgent = head.Find("User-Agent"u8),
            RequestId = head.RequestId,
            Pool = exchange.Assignment.Pool?.Name,
            Backend = exchange.Assignment.Backend?.Id,
            Microseconds = (long)took.TotalMicroseconds,
            Failure = failure,
        });
    }

    private static ReadOnlySpan<byte> VersionOf(Exchange exchange) =>
        exchange.Client.IsHttp2 ? "HTTP/2"u8
        : exchange.Head.Source.IsEmpty ? default
        : exchange.Head.Head.Version == MessageVersion.Http10 ? "HTTP/1.0"u8 : "HTTP/1.1"u8;
}
