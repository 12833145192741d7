using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using ActorLb.Node.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.SampleBackend;

/// <summary>
/// The sample backend: a small site that says who answered and keeps logins in its own memory, so that one sees
/// where a session lives and what it costs to lose it.
/// </summary>
internal sealed class SampleServer : IAsyncDisposable
{
    public const string CookieName = "SAMPLESESSION";

    private const int BodyBytesMax = 64 * 1024;
    private const int NameLengthMax = 40;
    private static readonly TimeSpan SlowestAnswer = TimeSpan.FromMinutes(1);

    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly SampleSessions _sessions;
    private readonly SampleBehaviour _behaviour;
    private readonly SampleEvents _events;
    private readonly EmbeddedSite _site;
    private volatile int _healthStatus = StatusCodes.Status200OK;

    public SampleServer(IPEndPoint listen, string name, ILoggerFactory loggers, TimeProvider time)
    {
        _name = name;
        _time = time;
        _sessions = new SampleSessions(time);
        _behaviour = new SampleBehaviour(time);
        _events = new SampleEvents(time);
        _site = new EmbeddedSite(listen, loggers, Limit, Map);
    }

    /// <summary>Where it listens, once started.</summary>
    public IPEndPoint Endpoint => _site.Endpoint;

    public Task StartAsync(CancellationToken cancellation) => _site.StartAsync(cancellation);

    public Task StopAsync(CancellationToken cancellation) => _site.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static void Limit(KestrelServerLimits limits) => limits.MaxRequestBodySize = BodyBytesMax;

    private void Map(WebApplication app)
    {
        app.Use(Behave);
        app.UseWebSockets();
        app.UseRouting();
        app.MapGet("/", ShowPage);
        app.MapPost("/login", LogIn);
        app.MapPost("/logout", LogOut);
        app.MapMethods("/whoami", [HttpMethods.Get, HttpMethods.Post], WhoAmI);
        app.MapGet("/healthz", ShowHealth);
        app.MapPost("/healthz", SetHealth);
        app.MapPost(SampleBehaviour.Path, context => _behaviour.SetAsync(context, _name));
        app.MapGet("/slow", AnswerSlowly);
        app.MapGet("/events", context => _events.RunAsync(context, _name, app.Lifetime.ApplicationStopping));
        app.MapPost("/upload", context => SampleTransfers.UploadAsync(context, _name));
        app.MapGet("/download", context => SampleTransfers.DownloadAsync(context, _name));
        app.Map("/ws", context => Echo(context, app.Lifetime.ApplicationStopping));
    }

    private async Task Behave(HttpContext context, RequestDelegate next)
    {
        if (await _behaviour.LetsAsync(context))
        {
            await next(context);
        }
    }

    private Task ShowPage(HttpContext context) => WritePage(context, VisitOf(context));

    private Task WritePage(HttpContext context, Visit visit, string? complaint = null)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = SamplePage.ContentSecurityPolicy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(SamplePage.Render(_name, visit, complaint), context.RequestAborted);
    }

    private async Task LogIn(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            await Refuse(context, StatusCodes.Status415UnsupportedMediaType, "Send the form.");
            return;
        }

        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        string user = form["name"].ToString().Trim();
        if (user.Length is 0 or > NameLengthMax || user.Any(char.IsControl))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await WritePage(context, VisitOf(context), $"A name has 1 to {NameLengthMax} characters.");
            return;
        }

        SetCookie(context, _sessions.LogIn(CookieOf(context), user));
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = "/";
    }

    private Task LogOut(HttpContext context)
    {
        _sessions.LogOut(CookieOf(context));
        context.Response.Cookies.Delete(CookieName);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = "/";
        return Task.CompletedTask;
    }

    private Task WhoAmI(HttpContext context)
    {
        Visit visit = VisitOf(context);
        IHeaderDictionary headers = context.Request.Headers;
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(
            context.Response.Body,
            new
            {
                server = _name,
                visits = visit.Visits,
                user = visit.User,
                knownHere = !visit.Stranger,
                host = context.Request.Host.Value,
                requestId = Echoed(headers["X-Request-Id"]),
                forwardedFor = Echoed(headers["X-Forwarded-For"]),
                forwardedProto = Echoed(headers["X-Forwarded-Proto"]),
                forwardedHost = Echoed(headers["X-Forwarded-Host"]),
            },
            JsonSerializerOptions.Web,
            context.RequestAborted);

        static string? Echoed(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 0 ? null : values.ToString();
    }

    private Task ShowHealth(HttpContext context)
    {
        int status = _healthStatus;
        context.Response.StatusCode = status;
        string word = status is >= 200 and < 300 ? "healthy" : "sick";
        return context.Response.WriteAsync($"{_name} is {word}\n", context.RequestAborted);
    }

    private Task SetHealth(HttpContext context)
    {
        if (!int.TryParse(context.Request.Query["status"], NumberStyles.None, CultureInfo.InvariantCulture, out int status)
            || status is < 200 or > 599)
        {
            return Refuse(context, StatusCodes.Status400BadRequest, "?status= takes 200 to 599.");
        }

        _healthStatus = status;
        return context.Response.WriteAsync($"{_name} answers {status} on /healthz from now on\n", context.RequestAborted);
    }

    private async Task AnswerSlowly(HttpContext context)
    {
        if (!int.TryParse(context.Request.Query["ms"], NumberStyles.None, CultureInfo.InvariantCulture, out int ms)
            || ms > SlowestAnswer.TotalMilliseconds)
        {
            await Refuse(context, StatusCodes.Status400BadRequest, $"?ms= takes 0 to {SlowestAnswer.TotalMilliseconds}.");
            return;
        }

        await Task.Delay(TimeSpan.FromMilliseconds(ms), _time, context.RequestAborted);
        await context.Response.WriteAsync($"{_name} after {ms} ms\n", context.RequestAborted);
    }

    private async Task Echo(HttpContext context, CancellationToken stopping)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await Refuse(context, StatusCodes.Status426UpgradeRequired, "This is a WebSocket.");
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        try
        {
            await SampleEcho.RunAsync(socket, _name, stopping);
        }
        catch (WebSocketException)
        {
            // The client left without closing: there is nobody to tell.
            context.Abort();
        }
    }

    private Visit VisitOf(HttpContext context)
    {
        Visit visit = _sessions.Visit(CookieOf(context));
        context.Response.Headers.CacheControl = "no-store";
        if (visit.IsNew)
        {
            SetCookie(context, visit.Id);
        }

        return visit;
    }

    private static string? CookieOf(HttpContext context) => context.Request.Cookies[CookieName];

    private static void SetCookie(HttpContext context, string id) => context.Response.Cookies.Append(
        CookieName, id, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/" });

    private static Task Refuse(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(why + "\n", context.RequestAborted);
    }
}
