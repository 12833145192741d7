using System.Text;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Forwarding;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>Writes this lane's requests to the access log: its texts become the bytes that the client sent.</summary>
internal static class AccessEntry
{
    /// <summary>One more than a field of the line has room for, so that the line shows that it was cut.</summary>
    private const int FieldCharsMax = AccessLine.LongFieldBytesMax + 1;

    private const int Fields = 7;

    [ThreadStatic]
    private static byte[]? _scratch;

    public static void Write(AccessLog log, Exchange exchange, TimeProvider time)
    {
        IHttpRequestFeature request = exchange.Request;
        IHttpResponseFeature response = exchange.Context.Features.GetRequiredFeature<IHttpResponseFeature>();
        FailureReason failure = exchange.Failure;
        bool answered = response.HasStarted || failure == FailureReason.None;
        TimeSpan took = time.GetElapsedTime(exchange.BeganAt);
        var bytes = new Latin1(Scratch);
        log.TryWrite(new AccessRecord
        {
            UnixMilliseconds = (time.GetUtcNow() - took).ToUnixTimeMilliseconds(),
            Client = exchange.Client.Address,
            Method = bytes.Of(request.Method),
            Target = bytes.Of(request.RawTarget),
            Version = bytes.Of(request.Protocol),
            Status = answered ? response.StatusCode : FailureAnswer.Of(failure).Status,
            BytesSent = exchange.BytesSent,
            Referer = bytes.Of(request.Headers.Referer.ToString()),
            UserAgent = bytes.Of(request.Headers.UserAgent.ToString()),
            RequestId = bytes.Of(exchange.RequestId),
            Pool = exchange.Assignment.Pool?.Name,
            Backend = exchange.Assignment.Backend?.Id,
            Microseconds = (long)took.TotalMicroseconds,
            Failure = failure,
        });
    }

    /// <summary>A request that the server refused before it reached us; of its head there is what could be read.</summary>
    public static void Write(
        AccessLog log, IFeatureCollection features, FailureAnswer failure, string requestId, int bytesSent, TimeProvider time)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        var bytes = new Latin1(Scratch);
        log.TryWrite(new AccessRecord
        {
            UnixMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Client = bytes.Of(PeerAddress.Of(features).ToString()),
            Method = bytes.Of(request.Method),
            Target = bytes.Of(request.RawTarget),
            Version = bytes.Of(request.Protocol),
            Status = failure.Status,
            BytesSent = bytesSent,
            RequestId = bytes.Of(requestId),
            Failure = failure.Reason,
        });
    }

    private static byte[] Scratch => _scratch ??= new byte[Fields * FieldCharsMax];

    /// <summary>Texts of the server as bytes, one after the other in one buffer. It decodes header fields as Latin-1.</summary>
    private ref struct Latin1(Span<byte> scratch)
    {
        private Span<byte> _rest = scratch;

        public ReadOnlySpan<byte> Of(string? text)
        {
            int length = Encoding.Latin1.GetBytes(text.AsSpan(0, Math.Min(text?.Length ?? 0, FieldCharsMax)), _rest);
            ReadOnlySpan<byte> bytes = _rest[..length];
            _rest = _rest[length..];
            return bytes;
        }
    }
}
