using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Engine.Reports;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The lane that runs everywhere and speaks everything: one Kestrel for all of its listeners, whose connections we accept
/// ourselves, and our own connections to backends.
/// </summary>
internal sealed class KestrelLane : ILane, IConnectionTaker
{
    private const string TransportLog = "Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets";

    private static readonly TimeSpan LastAnswers = TimeSpan.FromMilliseconds(500);

    private readonly WebApplication _services;
    private readonly IServer _server;
    private readonly KestrelServerOptions _options;
    private readonly LaneApplication _application;
    private readonly LaneParts _parts;
    private readonly RepeatingLoggers _serverLoggers;
    private readonly AddressReports _reports;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<long> _reserved;
    private readonly ConnectionFeed _feed = new();
    private readonly SocketConnectionContextFactory _connections;
    private readonly ConcurrentDictionary<BaseConnectionContext, ListenSocket> _open = new();
    private readonly Lock _change = new();
    private readonly List<SocketAcceptor> _acceptors = [];
    private readonly QuicDoors _doors;
    private readonly Task _started;
    private bool _isStopped;

    public KestrelLane(
        DataPlane plane, TrafficDirector director, PassiveHealth passive, LimitsInForce limits, ILoggerFactory loggers)
    {
        _time = plane.Time;
        _logger = loggers.CreateLogger<KestrelLane>();
        _reports = new AddressReports(plane.Time, _logger);
        _parts = new LaneParts(
            plane, director, passive, limits, new FailureLog(loggers.CreateLogger<LaneApplication>(), plane.Time), new OpenConnections(plane.Connections), loggers.CreateLogger<LaneApplication>());
        _application = new LaneApplication(_parts);
        _reserved = () => _parts.Reserved;
        var pipeline = new ClientPipeline(_parts, _application, _reports, _open);
        var quic = new QuicFeed();

        // Only the server of this host is used; the host itself, its pipeline and its diagnostics never start.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _serverLoggers = new RepeatingLoggers(new ServerLog(loggers), plane.Time);
        builder.Services.AddSingleton<ILoggerFactory>(_serverLoggers);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<IConnectionListenerFactory>(_feed);
        builder.Services.Configure<KestrelServerOptions>(options =>
        {
            ServerLimits.Apply(limits.Settings, options);
            options.Listen(_feed.EndPoint, pipeline.Configure);
            options.Listen(ConnectionFeed.NobodysEndPoint, pipeline.ConfigureCleartext);
            if (QuicSupport.IsThere)
            {
                options.Listen(quic.EndPoint, pipeline.ConfigureHttp3);
            }
        });
        if (QuicSupport.IsThere)
        {
            // The server takes the last one that it is given, and that opens no ports: we do, by the first one.
            builder.WebHost.UseKestrelHttpsConfiguration().UseQuic(ServerLimits.Apply);
            builder.Services.AddSingleton<IMultiplexedConnectionListenerFactory>(quic);
        }

        _services = builder.Build();
        _server = _services.Services.GetRequiredService<IServer>();
        _options = _services.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        _connections = new SocketConnectionContextFactory(ServerLimits.OfConnections(), _serverLoggers.CreateLogger(TransportLog));
        plane.Memory.Count(_reserved);
        _started = _server.StartAsync(_application, CancellationToken.None);
        _doors = new QuicDoors(
            _services.Services.GetServices<IMultiplexedConnectionListenerFactory>().FirstOrDefault(f => f != quic), quic, _parts.Clients, pipeline.Refusals, _started, _logger);
    }

    /// <inheritdoc/>
    public OpenConnections Clients => _parts.Clients;

    /// <inheritdoc/>
    public string? Failure() => _started.IsFaulted ? $"the server did not start: {_started.Exception.GetBaseException().Message}" : null;

    /// <inheritdoc/>
    public Task ApplyAsync(LimitSettings limits)
    {
        ServerLimits.Apply(limits, _options);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Open(ServedListener listener)
    {
        lock (_change)
        {
            _acceptors.Add(new SocketAcceptor(listener, _connections, _feed, _parts.Clients, _started, _time, _logger));
            _doors.Open(listener);
        }
    }

    /// <inheritdoc/>
    public Task CloseAsync(ServedListener listener)
    {
        lock (_change)
        {
            SocketAcceptor[] its = [.. _acceptors.Where(a => a.Listener == listener)];
            _acceptors.RemoveAll(a => a.Listener == listener);
            return Task.WhenAll([_doors.CloseAsync(listener).AsTask(), .. its.Select(a => a.DisposeAsync().AsTask())]);
        }
    }

    /// <inheritdoc/>
    public void CloseIdle(ListenSocket socket)
    {
        foreach ((BaseConnectionContext connection, ListenSocket from) in _open)
        {
            if (ReferenceEquals(from, socket))
            {
                connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            }
        }
    }

    /// <inheritdoc/>
    public void Take(ServedListener listener, int socket, IPAddress peer, AnnouncedClient? announced, byte[] received)
    {
        var admitted = Admitted.TakeOver(_parts.Clients, listener, peer, announced);
        var handle = new SafeSocketHandle(socket, ownsHandle: true);
        try
        {
            ConnectionContext connection = _connections.Create(new Socket(handle));
            connection.Features.Set(admitted);
            connection.Features.Set(new HandedOver(received));
            if (!_feed.TryGive(connection))
            {
                SocketAcceptor.End(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It broke on the way.
            handle.Dispose();
            admitted.Dispose();
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _isStopped = true;
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
        if (!_isStopped)
        {
            await StopAsync(new CancellationToken(canceled: true));
        }

        await _services.DisposeAsync();
        _connections.Dispose();
        _parts.Plane.Memory.Discount(_reserved);
        _parts.Dispose();
        _reports.Dispose();
        _serverLoggers.Dispose();
    }
}
