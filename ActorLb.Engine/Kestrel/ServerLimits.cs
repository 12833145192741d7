using System.Text;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorLb.Engine.Kestrel;

/// <summary>Translates our limits into the server's.</summary>
internal static class ServerLimits
{
    public static void Apply(LimitSettings limits, KestrelServerOptions options)
    {
        options.AddServerHeader = false;

        // Header values are bytes to us: what a client sent reaches the backend unchanged, and the other way round.
        options.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;

        KestrelServerLimits server = options.Limits;
        server.MaxRequestLineSize = limits.RequestLineBytesMax;
        server.MaxRequestHeadersTotalSize = limits.HeaderBytesMax;
        server.MaxRequestHeaderCount = limits.HeaderCountMax;
        server.MaxRequestBodySize = limits.BodyBytesMax > 0 ? limits.BodyBytesMax : null;
        server.RequestHeadersTimeout = OrNever(limits.HeaderTimeout);
        server.KeepAliveTimeout = OrNever(limits.IdleTimeout);
        server.MaxRequestBufferSize = Math.Max(server.MaxRequestBufferSize ?? 0, Math.Max(limits.RequestLineBytesMax, limits.HeaderBytesMax));
        server.Http2.MaxRequestHeaderFieldSize = limits.HeaderBytesMax;

        // An average over the whole body lets a client stall for hours after a fast start, and cuts off a paused
        // download; ClientBody and the forwarder's activity timeout bound each silence instead.
        server.MinRequestBodyDataRate = null;
        server.MinResponseDataRate = null;
    }

    private static TimeSpan OrNever(TimeSpan limit) => limit > TimeSpan.Zero ? limit : TimeSpan.MaxValue;
}
