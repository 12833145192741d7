using System.Net;
using ActorLb.Node.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>One address of the admin API, with places of its own for connections, and answers of one form for what goes wrong.</summary>
internal sealed class AdminSite : IAsyncDisposable
{
    /// <summary>The largest body that any request needs is a deadline.</summary>
    private const int BodyBytesMax = 4096;

    /// <summary>Scrapers and health checks have a connection each; a person has a few.</summary>
    private const int ConnectionsMax = 256;

    /// <summary>What is left of them is for probes, and for those who have not said yet what they want.</summary>
    private const int BusyMax = 192;

    /// <summary>The rest of those is for callers who may change something.</summary>
    private const int ReadersMax = 128;

    /// <summary>What takes longer to say what it wants is no program that we know.</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(10);

    private readonly EmbeddedSite _site;
    private readonly TimeProvider _time;

    /// <param name="tls">Null: plain HTTP.</param>
    public AdminSite(IPEndPoint bind, ILoggerFactory loggers, Action<WebApplication> map, TimeProvider time, AdminTls? tls = null)
    {
        _time = time;
        _site = new EmbeddedSite(
            bind,
            loggers,
            Limit,
            app =>
            {
                app.Use(AnswerErrors);
                map(app);
            },
            listen =>
            {
                // One request at a time has the place of its connection.
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => ServeAsync(connection, next));
                tls?.Use(listen, HeadersTimeout);
            });
    }

    /// <summary>Where it was told to listen.</summary>
    public IPEndPoint Bind => _site.Bind;

    public IPEndPoint Endpoint => _site.Endpoint;

    public AdminPlaces Places { get; } = new(ConnectionsMax, BusyMax, ReadersMax);

    public void Hold() => _site.Hold();

    public Task StartAsync(CancellationToken cancellation) => _site.StartAsync(cancellation);

    public Task StopAsync(CancellationToken cancellation) => _site.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    /// <summary>Answers a request that may pass; nobody takes its connection's place meanwhile.</summary>
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        AdminPlace place = context.Features.Get<AdminPlace>()!;
        if (!Places.TryBegin(place, PlaceHolder.Of(context)))
        {
            await AdminProblem.Busy().WriteAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            Places.End(place);
        }
    }

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        IPAddress address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        AdminPlace place = Places.Enter(address, connection.Abort);
        connection.Features.Set(place);
        ReaderBound.Watch(connection, _time);
        try
        {
            await next(connection);
        }
        finally
        {
            Places.Leave(place);
        }
    }

    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = BodyBytesMax;
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.KeepAliveTimeout = IdleTimeout;
    }

    // Statuses that routing and Kestrel set without a body (404, 405, 413) get one of the same form as ours.
    private static async Task AnswerErrors(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.StatusCode;
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
        {
            await AdminProblem.OfStatus(context.Response.StatusCode).WriteAsync(context);
        }
    }
}
