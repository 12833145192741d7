using System.Security.Authentication;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>Writes this lane's requests to the access log. Of a head that was refused nothing is believed.</summary>
internal static class AccessEntry
{
    public static void Write(AccessLog log, Exchange exchange, TimeProvider time)
    {
        ReceivedHead head = exchange.Received;
        Span<ByteRange> headers = stackalloc ByteRange[log.Fields.Headers.Length];
        for (int i = 0; i < headers.Length; i++)
        {
            headers[i] = HeaderSearch.Find(head.Source, head.Fields, log.Fields.Headers[i]);
        }

        var texts = new AccessTexts
        {
            Method = exchange.Client.MethodOf(head),
            Target = head.Head.Target.Whole.Of(head.Source),
            Version = VersionOf(exchange),
            Referer = head.Find("Referer"u8),
            UserAgent = head.Find("User-Agent"u8),
            Host = head.Head.Authority.Of(head.Source),
            Tls = NameOf(exchange.Tls),
            Headers = headers,
            HeaderSource = head.Source,
        };
        AccessReport.Write(
            log,
            time,
            exchange,
            texts,
            new AccessOutcome(exchange.Status, exchange.Failure, exchange.RequestSide.BytesTaken + exchange.TunnelBytesTaken, exchange.BytesSent));
    }

    private static ReadOnlySpan<byte> NameOf(SslProtocols tls) => tls switch
    {
        SslProtocols.None => default,
        SslProtocols.Tls13 => "TLSv1.3"u8,
        _ => "TLSv1.2"u8,
    };

    private static ReadOnlySpan<byte> VersionOf(Exchange exchange) =>
        !exchange.Client.VersionName.IsEmpty ? exchange.Client.VersionName
        : exchange.Source.IsEmpty ? default
        : exchange.Head.Version == MessageVersion.Http10 ? "HTTP/1.0"u8 : "HTTP/1.1"u8;
}
