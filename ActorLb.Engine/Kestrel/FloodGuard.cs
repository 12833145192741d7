using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using ActorLb.Engine.Http2;
using ActorLb.Engine.Reports;
using ActorLb.Engine.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Ends connections of HTTP/2 whose frames carry nothing: the server reads PINGs, empty CONTINUATIONs and their like for as long as
/// they come. Stands behind TLS, and behind whoever has found HTTP/2 without it.
/// </summary>
internal sealed class FloodGuard(ConnectionDelegate next, FloodCounts counts, AddressReports reports, TimeProvider time)
{
    private static readonly Dictionary<FloodKind, string> Reports = FloodCounts.Kinds.ToDictionary(
        k => k.Kind, k => $"floods with {k.Name.Replace('-', ' ')}; its connection was ended");

    public Task OnConnectionAsync(ConnectionContext connection)
    {
        if (connection.Features.Get<ISslStreamFeature>() is { } tls
            && tls.SslStream.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
        {
            return next(connection);
        }

        connection.Transport = new Watched(
            new WatchedInput(connection.Transport.Input, time, () => TakenBy(connection), kind => End(connection, kind, counts, reports)), connection.Transport.Output);
        return next(connection);
    }

    private static long? TakenBy(ConnectionContext connection) =>
        connection.Features.Get<IConnectionSocketFeature>() is { } feature ? TcpFigures.AckedOf(feature.Socket) : null;

    /// <summary>Ends a connection that was flooded.</summary>
    public static void End(BaseConnectionContext connection, FloodKind kind, FloodCounts counts, AddressReports reports)
    {
        counts.Count(kind);
        reports.Note((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None, Reports[kind]);
        connection.Abort(new ConnectionAbortedException(Reports[kind]));
    }

    private sealed record Watched(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
