using System.Net;
using ActorLb.Engine;
using ActorLb.Node.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>
/// The admin API of one node: a site of its own, apart from the listeners for clients. Starts first and stops last,
/// so that liveness and readiness can be asked for all the time.
/// </summary>
public sealed class AdminServer : IAsyncDisposable
{
    /// <summary>The largest body that any request needs is a deadline.</summary>
    private const int BodyBytesMax = 4096;

    private const int ConnectionsMax = 256;

    private readonly EmbeddedSite _site;

    public AdminServer(DataPlane plane, INodeView view, IOperatorDesk desk, ITicketKeyDesk keys, ILoggerFactory loggers)
    {
        Metrics = new NodeMetrics(plane, view);
        var guard = new AdminGuard(plane.Settings.Admin.Token);
        var endpoints = new AdminEndpoints(plane, view, desk, Metrics, loggers.CreateLogger("ActorLb.Admin"));
        var keyEndpoints = new KeyEndpoints(plane, keys, loggers.CreateLogger("ActorLb.Admin"));
        _site = new EmbeddedSite(plane.Settings.Admin.Bind, loggers, Limit, app =>
        {
            app.Use(AnswerErrors);
            app.Use((context, next) => Guard(guard, context, next));
            app.UseRouting();
            endpoints.Map(app);
            keyEndpoints.Map(app);
        });
    }

    /// <summary>Where it listens, once started.</summary>
    public IPEndPoint Endpoint => _site.Endpoint;

    public NodeMetrics Metrics { get; }

    public Task StartAsync(CancellationToken cancellation) => _site.StartAsync(cancellation);

    public Task StopAsync(CancellationToken cancellation) => _site.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = BodyBytesMax;
        limits.MaxConcurrentConnections = ConnectionsMax;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
    }

    private static Task Guard(AdminGuard guard, HttpContext context, RequestDelegate next)
    {
        // Probes of an orchestrator carry no token, and what they learn is no secret.
        if (context.Request.Path == AdminEndpoints.LivePath || context.Request.Path == AdminEndpoints.ReadyPath)
        {
            return next(context);
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (guard.Refuse(context.Request) is not { } problem)
        {
            return next(context);
        }

        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"actorlb\"";
        }

        return problem.WriteAsync(context);
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
