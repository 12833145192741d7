using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorLb.Tests.Lane;

/// <summary>A backend on a free loopback port that answers as its test says and keeps the heads that it saw.</summary>
internal sealed class SampleBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SampleBackend(WebApplication app) => _app = app;

    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    public Uri Address { get; private set; } = null!;

    /// <summary>Answers with this name.</summary>
    public static Task<SampleBackend> NamedAsync(string name) => StartAsync(c => c.Response.WriteAsync(name));

    public static Task<SampleBackend> StartAsync(RequestDelegate answer) => StartAsync(answer, _ => { }, _ => { });

    /// <summary>Speaks HTTP/2 alone, without TLS.</summary>
    public static Task<SampleBackend> OfHttp2Async(RequestDelegate answer) => StartAsync(answer, _ => { }, _ => { }, HttpProtocols.Http2);

    public static async Task<SampleBackend> StartAsync(
        RequestDelegate answer, Action<WebApplicationBuilder> services, Action<WebApplication> pipeline, HttpProtocols protocols = HttpProtocols.Http1)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(o =>
        {
            o.Limits.MaxRequestBodySize = null;
            o.Limits.MinRequestBodyDataRate = null;
            o.AllowSynchronousIO = false;
            o.RequestHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
            o.ResponseHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;

            // Where nobody else comes to listen when it is gone.
            o.Listen(IPAddress.Loopback, LoopbackPorts.Free("127.0.0.1", 1)[0], l => l.Protocols = protocols);
        });
        services(builder);
        WebApplication app = builder.Build();
        var backend = new SampleBackend(app);
        pipeline(app);
        app.Use(next => context =>
        {
            backend.Seen.Enqueue(SeenRequest.Of(context.Request));
            return context.GetEndpoint() is null ? answer(context) : next(context);
        });
        await app.StartAsync();
        backend.Address = new Uri(app.Urls.Single());
        return backend;
    }

    public async Task StopAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>A request's head as a backend saw it.</summary>
internal sealed record SeenRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string? this[string header] => Headers.GetValueOrDefault(header);

    public static SeenRequest Of(HttpRequest request) => new(
        request.Method,
        request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));
}
