using System.Diagnostics.CodeAnalysis;
using System.Text;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Quic;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace ActorLb.Engine.Kestrel;

/// <summary>Translates our limits into the server's, which reads HTTP/2 alone. While it runs, they are for its new connections.</summary>
internal static class ServerLimits
{
    /// <summary>What a client may send ahead of its backend: enough for the line, and not a megabyte for each upload that stalls.</summary>
    private const int UploadBytesMax = 32 * 1024;

    /// <summary>What a backend may send ahead of its client.</summary>
    private const int DownloadBytesMax = 32 * 1024;

    /// <summary>
    /// The same for each stream of HTTP/2, where a round trip to the client is more often a long one; RFC 9113 (6.9.2) has
    /// nothing smaller in the beginning, and eight uploads that stall leave half of the connection's window to the others.
    /// </summary>
    private const int StreamWindowBytes = 64 * 1024;

    /// <summary>Longer than what any other limit of ours gives, so that it ends only what no other does.</summary>
    private static readonly TimeSpan LastBytesTime = TimeSpan.FromMinutes(5);

    /// <summary>And for all streams of a connection.</summary>
    private const int ConnectionWindowBytes = 1024 * 1024;

    public static void Apply(LimitSettings limits, KestrelServerOptions options)
    {
        options.AddServerHeader = false;

        // What a client says of its scheme is its own idea: whether it came by TLS is seen, or said by a trusted proxy.
        options.AllowAlternateSchemes = true;

        // Header values are bytes to us: what a client sent reaches the backend unchanged, and the other way round.
        options.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;

        KestrelServerLimits server = options.Limits;
        server.MaxRequestHeadersTotalSize = limits.HeaderBytesMax;
        server.MaxRequestHeaderCount = limits.HeaderCountMax;

        // RequestSide counts: what the server has refused, it would not read either, and a client that sends first and reads
        // then would lose our answer to a reset.
        server.MaxRequestBodySize = null;
        server.RequestHeadersTimeout = OrNever(limits.HeaderTimeout);
        server.KeepAliveTimeout = OrNever(limits.IdleTimeout);
        server.MaxRequestBufferSize = Math.Max(UploadBytesMax, limits.HeaderBytesMax);
        server.MaxResponseBufferSize = DownloadBytesMax;
        server.Http2.MaxRequestHeaderFieldSize = limits.HeaderBytesMax;
        server.Http2.InitialStreamWindowSize = StreamWindowBytes;
        server.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;

        // An average over the whole body lets a client stall for hours after a fast start: ExchangeTimer bounds each silence,
        // and ClientRates what is slow, as long as the exchange lasts. Behind its end, what HTTP/2 still has of it in the
        // server's buffers waits for the client alone.
        server.MinRequestBodyDataRate = null;
        server.MinResponseDataRate = limits.ReadRateMin > 0 ? new MinDataRate(limits.ReadRateMin, LastBytesTime) : null;
    }

    /// <summary>Of QUIC.</summary>
    [SuppressMessage("Usage", "CA2252", Justification = "Without them a client may send a megabyte ahead of its backend for each stream; should they go one day, so does this.")]
    public static void Apply(QuicTransportOptions options)
    {
        options.MaxReadBufferSize = UploadBytesMax;
        options.MaxWriteBufferSize = DownloadBytesMax;
    }

    /// <summary>The sockets' own pipes lie before and behind the server's.</summary>
    public static SocketConnectionFactoryOptions OfConnections() =>
        new() { MaxReadBufferSize = UploadBytesMax, MaxWriteBufferSize = DownloadBytesMax };

    private static TimeSpan OrNever(TimeSpan limit) => limit > TimeSpan.Zero ? limit : TimeSpan.MaxValue;
}
