using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Hosting;

/// <summary>
/// A small Kestrel site inside this process, on one address. It reads no files, no environment variables and no
/// signals: several of them live in one process, and whoever made it starts and stops it.
/// </summary>
internal sealed class EmbeddedSite : IAsyncDisposable
{
    private readonly WebApplication _app;
    private Socket? _held;

    /// <param name="bind">Port 0 takes a free one.</param>
    /// <param name="connections">Adds what is to see each connection before its requests.</param>
    public EmbeddedSite(
        IPEndPoint bind,
        ILoggerFactory loggers,
        Action<KestrelServerLimits> limits,
        Action<WebApplication> map,
        Action<ListenOptions>? connections = null)
    {
        Bind = bind;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = Bound);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            limits(kestrel.Limits);
            kestrel.Listen(bind, listen => connections?.Invoke(listen));
        });
        _app = builder.Build();
        map(_app);
    }

    /// <summary>Where it was told to listen.</summary>
    public IPEndPoint Bind { get; }

    /// <summary>Where it listens; the real port once it has started.</summary>
    public IPEndPoint Endpoint { get; private set; } = new(IPAddress.None, 0);

    /// <summary>Binds without listening, so that whoever cannot have the address hears it before anything starts. It may be left out.</summary>
    /// <exception cref="SocketException">The address is taken or not of this machine.</exception>
    public void Hold() => _held = SocketTransportOptions.CreateDefaultBoundListenSocket(Bind);

    /// <summary>Starts listening.</summary>
    /// <exception cref="IOException">The address is taken or not of this machine.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await _app.StartAsync(cancellation);
        Endpoint = new IPEndPoint(Bind.Address, new Uri(_app.Urls.First()).Port);
    }

    /// <summary>Stops accepting and lets requests finish; when the token is cancelled, what is left is cut off.</summary>
    public Task StopAsync(CancellationToken cancellation) => _app.StopAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _held?.Dispose();
    }

    private Socket Bound(EndPoint endpoint)
    {
        Socket socket = _held ?? SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        _held = null;
        return socket;
    }

    /// <summary>Takes no part in the process's signals: the owner stops the site.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
