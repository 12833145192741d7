using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>Writes this lane's requests to the access log. Of a head that was refused nothing is believed.</summary>
internal static class AccessEntry
{
    public static void Write(AccessLog log, Exchange exchange, TimeProvider time)
    {
        ReceivedHead head = exchange.Received;
        FailureReason failure = exchange.Failure;
        bool isAnswered = exchange.Client.HasStarted || failure == FailureReason.None;
        var texts = new AccessTexts
        {
            Method = exchange.Client.MethodOf(head),
            Target = head.Head.Target.Whole.Of(head.Source),
            Version = VersionOf(exchange),
            Referer = head.Find("Referer"u8),
            UserAgent = head.Find("User-Agent"u8),
        };
        AccessReport.Write(
            log, time, exchange.BeganAt, exchange, texts, isAnswered ? exchange.Client.Status : FailureAnswer.Of(failure).Status, exchange.BytesSent, failure);
    }

    private static ReadOnlySpan<byte> VersionOf(Exchange exchange) =>
        exchange.Client.IsHttp2 ? "HTTP/2"u8
        : exchange.Source.IsEmpty ? default
        : exchange.Head.Version == MessageVersion.Http10 ? "HTTP/1.0"u8 : "HTTP/1.1"u8;
}
