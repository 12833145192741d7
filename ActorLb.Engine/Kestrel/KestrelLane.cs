using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Http2;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Reports;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Kestrel;

/// <summary>The lane that runs everywhere and speaks everything: one Kestrel for all of its listeners, and our own connections to backends.</summary>
public sealed class KestrelLane : ILane
{
    private static readonly TimeSpan LastAnswers = TimeSpan.FromMilliseconds(500);

    /// <summary>What is left of a connection whose socket is closed has ended by then.</summary>
    private static readonly TimeSpan EndedTimeMax = TimeSpan.FromSeconds(10);

    private readonly ImmutableArray<ListenerSettings> _settings;
    private readonly WebApplication _services;
    private readonly IServer _server;
    private readonly LaneApplication _application;
    private readonly LaneParts _parts;
    private readonly RepeatingLoggers _serverLoggers;
    private readonly AddressReports _reports;
    private readonly FloodCounts _floods;
    private readonly OpenConnections _connections = new();
    private readonly ConnectionLimits _admissions;
    private readonly ListenGate _gate = new();
    private readonly TimeProvider _time;
    private readonly List<ListenerTls> _certificates = [];
    private readonly Dictionary<string, ListenOptions> _listeners = [];

    private KestrelLane(
        DataPlane plane,
        TrafficDirector director,
        PassiveHealth passive,
        ImmutableArray<ListenerSettings> listeners,
        LimitSettings limits,
        ILoggerFactory loggers)
    {
        _settings = listeners;
        _time = plane.Time;
        _admissions = plane.Connections;
        _floods = plane.Floods;
        _reports = new AddressReports(plane.Time, loggers.CreateLogger<KestrelLane>());

        // Only the server of this host is used; the host itself, its pipeline and its diagnostics never start.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _serverLoggers = new RepeatingLoggers(new ServerLog(loggers), plane.Time);
        builder.Services.AddSingleton<ILoggerFactory>(_serverLoggers);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(options =>
        {
            options.CreateBoundListenSocket = Bind;
            ServerLimits.Apply(options);
        });
        builder.Services.Configure<KestrelServerOptions>(options =>
        {
            ServerLimits.Apply(limits, options);
            foreach (ListenerSettings listener in listeners)
            {
                options.Listen(listener.Bind, listen => Configure(listen, listener, limits.HeaderTimeout));
            }
        });
        _services = builder.Build();
        _server = _services.Services.GetRequiredService<IServer>();
        ILogger logger = loggers.CreateLogger<LaneApplication>();
        _parts = new LaneParts(plane, director, passive, limits, new FailureLog(logger, plane.Time), _connections, logger);
        plane.Memory.Count(() => _parts.Reserved);
        _application = new LaneApplication(_parts);
    }

    /// <inheritdoc/>
    public ImmutableDictionary<string, IPEndPoint> Endpoints { get; private set; } = ImmutableDictionary<string, IPEndPoint>.Empty;

    public static KestrelLane Build(
        DataPlane plane,
        TrafficDirector director,
        PassiveHealth passive,
        ImmutableArray<ListenerSettings> listeners,
        LimitSettings limits,
        ILoggerFactory loggers) =>
        new(plane, director, passive, listeners, limits, loggers);

    /// <inheritdoc/>
    public void Hold()
    {
        foreach (ListenerSettings listener in _settings)
        {
            try
            {
                _gate.Hold(listener.Bind);
            }
            catch (SocketException e)
            {
                throw BindFailure.Of(listener.BindKey, listener.Bind, e);
            }
        }
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await _server.StartAsync(_application, cancellation);
        Endpoints = _listeners.ToImmutableDictionary(l => l.Key, l => l.Value.IPEndPoint!);
    }

    /// <inheritdoc/>
    public Task LeaveAsync(TimeSpan atMost, CancellationToken cancellation) =>
        _connections.LeaveAsync(_gate, atMost, _time, cancellation);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        using var connections = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        await using CancellationTokenRegistration over = cancellation.UnsafeRegister(
            _ =>
            {
                // Requests that are cut off get an answer that says so, as far as their clients take it.
                _parts.Exchanges.CutOff();
                connections.CancelAfter(LastAnswers);
            },
            null);
        Task stopping = _server.StopAsync(connections.Token);
        _parts.Exchanges.CloseTunnels();
        await stopping;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _gate.Release();
        _parts.Dispose();
        _reports.Dispose();
        _serverLoggers.Dispose();
        foreach (ListenerTls certificate in _certificates)
        {
            certificate.Dispose();
        }
    }

    // The server may wait for ever for the end of a connection of HTTP/2 that it has ended itself: what was admitted would
    // count for ever.
    private async Task UntilEndedAsync(Task serving, ConnectionContext connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = connection.ConnectionClosed.UnsafeRegister(
            static c => ((TaskCompletionSource)c!).TrySetResult(), closed);
        if (await Task.WhenAny(serving, closed.Task) != serving)
        {
            await Task.WhenAny(serving, Task.Delay(EndedTimeMax, _time));
        }

        if (serving.IsCompleted)
        {
            await serving;
        }
    }

    /// <exception cref="IOException">Which the server passes on as it is.</exception>
    private Socket Bind(EndPoint endpoint)
    {
        try
        {
            return _gate.Bind(endpoint);
        }
        catch (SocketException e) when (_settings.FirstOrDefault(l => l.Bind.Equals(endpoint)) is { } listener)
        {
            throw BindFailure.Of(listener.BindKey, listener.Bind, e);
        }
    }

    /// <param name="handshakeTimeout">Zero: no limit.</param>
    private void Configure(ListenOptions listen, ListenerSettings listener, TimeSpan handshakeTimeout)
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

            using var owned = new OwnedConnection();
            connection.Features.Set(listener);
            connection.Features.Set(owned);
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
            var handshakes = new ListenerTls(tls, listener.Http2);
            _certificates.Add(handshakes);
            listen.Use(next => new PlainHttpRefusal(next, handshakeTimeout, _time).OnConnectionAsync);
            listen.UseHttps(handshakes.Options(handshakeTimeout));
            listen.Use(next => new FloodGuard(next, _floods, _reports, _time).OnConnectionAsync);
        }

        listen.Use(next => connection => SpeaksHttp2(connection) ? UntilEndedAsync(next(connection), connection) : ServeHttp1Async(connection, listener));
    }

    private static bool SpeaksHttp2(ConnectionContext connection) =>
        connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) ?? false;

    private async Task ServeHttp1Async(ConnectionContext connection, ListenerSettings listener)
    {
        OwnedConnection owned = connection.Features.GetRequiredFeature<OwnedConnection>();
        using var client = new Http1Connection(_parts, _application, listener, PeerAddress.Of(connection), owned, connection);
        await client.RunAsync();
    }
}
