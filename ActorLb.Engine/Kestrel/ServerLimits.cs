using System.Text;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorLb.Engine.Kestrel;

/// <summary>Translates our limits into the server's.</summary>
internal static class ServerLimits
{
    /// <summary>What a client may send ahead of its backend: enough for the line, and not a megabyte for each upload that stalls.</summary>
    private const int UploadBytesMax = 64 * 1024;

    private const int DownloadBytesMax = 64 * 1024;

    /// <summary>The same for each stream of HTTP/2, where a round trip to the client is more often a long one.</summary>
    private const int StreamWindowBytes = 128 * 1024;

    public static void Apply(LimitSettings limits, KestrelServerOptions options)
    {
        options.AddServerHeader = false;

        // A line ends with CRLF: a bare LF is one end more to some and none to others (RFC 9112, 2.2).
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);

        // Header values are bytes to us: what a client sent reaches the backend unchanged, and the other way round.
        options.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;

        KestrelServerLimits server = options.Limits;
        server.MaxRequestLineSize = limits.RequestLineBytesMax;
        server.MaxRequestHeadersTotalSize = limits.HeaderBytesMax;
        server.MaxRequestHeaderCount = limits.HeaderCountMax;

        // RequestSide counts: what the server has refused, it would not read either, and a client that sends first and reads
        // then would lose our answer to a reset.
        server.MaxRequestBodySize = null;
        server.RequestHeadersTimeout = OrNever(limits.HeaderTimeout);
        server.KeepAliveTimeout = OrNever(limits.IdleTimeout);
        server.MaxRequestBufferSize = Math.Max(UploadBytesMax, Math.Max(limits.RequestLineBytesMax, limits.HeaderBytesMax));
        server.MaxResponseBufferSize = DownloadBytesMax;
        server.Http2.MaxRequestHeaderFieldSize = limits.HeaderBytesMax;
        server.Http2.InitialStreamWindowSize = StreamWindowBytes;

        // An average over the whole body lets a client stall for hours after a fast start, and cuts off a paused
        // download; ExchangeTimer bounds each silence instead.
        server.MinRequestBodyDataRate = null;
        server.MinResponseDataRate = null;
    }

    private static TimeSpan OrNever(TimeSpan limit) => limit > TimeSpan.Zero ? limit : TimeSpan.MaxValue;
}
