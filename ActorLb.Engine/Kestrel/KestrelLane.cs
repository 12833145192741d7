using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace ActorLb.Engine.Kestrel;

/// <summary>The lane that runs everywhere and speaks everything: one Kestrel for all of its listeners, and YARP's forwarder behind it.</summary>
public sealed class KestrelLane : IAsyncDisposable
{
    /// <summary>A connection that was begun before nobody new was let in is there by then, or its client is far away.</summary>
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromMilliseconds(100);

    /// <summary>A request that comes right after its connection has come by then.</summary>
    private static readonly TimeSpan LastRequestTime = TimeSpan.FromMilliseconds(500);

    private readonly WebApplication _services;
    private readonly IServer _server;
    private readonly LaneApplication _application;
    private readonly BackendClient _client;
    private readonly IDisposable _refusals;
    private readonly OpenConnections _connections = new();
    private readonly ConnectionLimits _admissions;
    private readonly ListenGate _gate = new();
    private readonly TimeProvider _time;
    private readonly List<X509Certificate2> _certificates = [];
    private readonly Dictionary<string, ListenOptions> _listeners = [];

    private KestrelLane(
        DataPlane plane,
        TrafficDirector director,
        PassiveHealth passive,
        ImmutableArray<ListenerSettings> listeners,
        LimitSettings limits,
        ILoggerFactory loggers)
    {
        _time = plane.Time;
        _admissions = plane.Connections;

        // Only the server of this host is used; the host itself, its pipeline and its diagnostics never start.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(options => options.CreateBoundListenSocket = _gate.Bind);
        builder.Services.Configure<KestrelServerOptions>(options =>
        {
            ServerLimits.Apply(limits, options);
            foreach (ListenerSettings listener in listeners)
            {
                options.Listen(listener.Bind, listen => Configure(listen, listener));
            }
        });
        _services = builder.Build();
        _server = _services.Services.GetRequiredService<IServer>();
        _refusals = RefusedRequests.Watch(_services.Services.GetRequiredService<DiagnosticListener>(), plane.AccessLog, plane.Time);
        _client = new BackendClient(limits);
        _application = new LaneApplication(
            plane,
            director,
            passive,
            limits,
            _client,
            _connections,
            _services.Services.GetRequiredService<IHttpForwarder>(),
            loggers.CreateLogger<LaneApplication>());
    }

    /// <summary>Where each listener is bound, by its name; a configured port of 0 is the real one here. Empty before the start.</summary>
    public ImmutableDictionary<string, IPEndPoint> Endpoints { get; private set; } = ImmutableDictionary<string, IPEndPoint>.Empty;

    /// <summary>A lane for all listeners that no other lane claims.</summary>
    public static KestrelLane Build(
        DataPlane plane, TrafficDirector director, PassiveHealth passive, NodeSettings settings, ILoggerFactory loggers) =>
        Build(plane, director, passive, settings.Listeners.RemoveAll(l => l.Engine == ListenerEngine.Epoll), settings.Limits, loggers);

    public static KestrelLane Build(
        DataPlane plane,
        TrafficDirector director,
        PassiveHealth passive,
        ImmutableArray<ListenerSettings> listeners,
        LimitSettings limits,
        ILoggerFactory loggers) =>
        new(plane, director, passive, listeners, limits, loggers);

    /// <exception cref="IOException">An address is in use.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await _server.StartAsync(_application, cancellation);
        Endpoints = _listeners.ToImmutableDictionary(l => l.Key, l => l.Value.IPEndPoint!);
    }

    /// <summary>
    /// Asks clients to leave with every answer, and goes on accepting so that nobody is turned away who has not heard
    /// of it yet. When all have left or the time is up, nobody new is let in, and who was let in last is answered.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task LeaveAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        await WhenGoneAsync(atMost, cancellation);
        if (atMost > TimeSpan.Zero)
        {
            _gate.Shut();
            await Task.Delay(HandshakeTime, _time, cancellation);
            await WhenGoneAsync(LastRequestTime, cancellation);
        }
    }

    private async Task WhenGoneAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        try
        {
            await _connections.AskToLeave().WaitAsync(atMost, _time, cancellation);
        }
        catch (TimeoutException)
        {
            // Those that stayed were idle, or are not done yet: stopping deals with both.
        }
    }

    /// <summary>
    /// Stops accepting, closes idle connections, and waits for requests in flight; those that still are when the
    /// token fires are cut off.
    /// </summary>
    public Task StopAsync(CancellationToken cancellation) => _server.StopAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        _refusals.Dispose();
        await _services.DisposeAsync();
        _client.Dispose();
        foreach (X509Certificate2 certificate in _certificates)
        {
            certificate.Dispose();
        }
    }

    private void Configure(ListenOptions listen, ListenerSettings listener)
    {
        _listeners[listener.Name] = listen;

        // Without TLS there is no ALPN, and both protocols on one plain port would need to be guessed.
        listen.Protocols = listener is { Http2: true, Tls: not null } ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
        listen.Use(next => async connection =>
        {
            IPAddress client = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
            if (!_admissions.TryAdmit(listener, client))
            {
                await connection.DisposeAsync();
                return;
            }

            connection.Features.Set(listener);
            _connections.Opened();
            try
            {
                await next(connection);
            }
            finally
            {
                _connections.Closed();
                _admissions.Release(listener, client);
            }
        });
        if (listener.Tls is { } tls)
        {
            X509Certificate2 certificate = ListenerCertificates.Load(tls);
            _certificates.Add(certificate);
            listen.UseHttps(certificate);
        }
    }
}
