using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Reports;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// What a client's connection goes through that was let in: its PROXY header and TLS where its listener has it, then HTTP/2 by the server or HTTP/1.1 by
/// us; or HTTP/3. One for all listeners: each connection carries the one that accepted it.
/// </summary>
internal sealed class ClientPipeline(
    LaneParts parts, LaneApplication application, AddressReports reports, ConcurrentDictionary<BaseConnectionContext, ListenSocket> open)
{
    /// <summary>What is left of a connection whose socket is closed has ended by then.</summary>
    private static readonly TimeSpan EndedTimeMax = TimeSpan.FromSeconds(10);

    /// <summary>Of the server: ours ends a handshake before (<see cref="HandshakeLimit"/>), or nothing does. It takes no infinite one.</summary>
    private static readonly TimeSpan NoTimeout = TimeSpan.FromDays(1);

    public CertificateRefusals Refusals { get; } = new(reports, parts.Logger);

    private ConnectionDelegate? _http;
    private ConnectionDelegate? _cleartext;

    private TimeProvider Time => parts.Plane.Time;

    public void Configure(ListenOptions listen)
    {
        // With TLS the listener's certificate says what is offered. Without, the server would take all for HTTP/1.1, which is ours: who
        // speaks HTTP/2 in the clear comes in by the door below.
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.DisableAltSvcHeader = true;
        listen.Use(next => connection => ServeAsync(connection, next));
        listen.Use(next => new ProxyHeaderReader(next, () => parts.Limits.FirstByteTimeout, parts.Plane.ProxyHeaders, Time).OnConnectionAsync);
        listen.Use(next => connection => ListenerOf(connection).Tls is null ? ServePlainAsync(connection) : ShakeHandsAsync(connection, next));
        listen.Use(next => new PlainHttpRefusal(next, () => parts.Limits.HeaderTimeout, parts.Life.Measured, Time).OnConnectionAsync);
        listen.Use(next => connection => UntilItFailsAsync(connection, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = context => new(HandshakeOf(ListenerOf(context.Connection), context)),
            HandshakeTimeout = NoTimeout,
        });
        listen.Use(next => connection =>
        {
            connection.Features.Get<HandshakeLimit>()?.Met();
            SslProtocols version = connection.Features.GetRequiredFeature<ITlsHandshakeFeature>().Protocol;
            connection.Features.GetRequiredFeature<Admitted>().Tls = version;
            ListenerOf(connection).Connections.ShookHands(version);
            if (ListenerOf(connection).Tls!.AsksForCertificates)
            {
                ShownCertificate.Keep(connection);
            }

            return next(connection);
        });
        listen.Use(next => new FloodGuard(next, parts.Plane.Floods, reports, Time).OnConnectionAsync);
        listen.Use(next =>
        {
            _http = connection => SpeaksHttp2(connection) ? UntilEndedAsync(next(connection), connection) : ServeHttp1Async(connection);
            return _http;
        });
    }

    /// <summary>A door of the server that nobody comes to: connections of HTTP/2 without TLS are led through it.</summary>
    public void ConfigureCleartext(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http2;
        listen.Use(next =>
        {
            ConnectionDelegate guarded = new FloodGuard(connection => UntilEndedAsync(next(connection), connection), parts.Plane.Floods, reports, Time).OnConnectionAsync;
            _cleartext = new CleartextHttp2(guarded, ServeHttp1Async, () => parts.Limits.FirstByteTimeout, Time).OnConnectionAsync;
            return next;
        });
    }

    /// <summary>What comes by QUIC, its handshake behind it.</summary>
    public void ConfigureHttp3(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http3;
        listen.DisableAltSvcHeader = true;

        // The server wants a listener of HTTP/3 to have TLS; who brings the connections has shaken hands.
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => throw new InvalidOperationException("its port shakes hands") });
        ((IMultiplexedConnectionBuilder)listen).Use(next => connection => ServeHttp3Async(connection, next));
    }

    private SslServerAuthenticationOptions HandshakeOf(ServedListener listener, TlsHandshakeCallbackContext context) =>
        listener.Tls!.OptionsFor(context.ClientHelloInfo.ServerName, why => Refusals.Tell(listener, context.Connection.RemoteEndPoint, why));

    private static ServedListener ListenerOf(BaseConnectionContext connection) => connection.Features.GetRequiredFeature<Admitted>().Listener;

    private static bool SpeaksHttp2(ConnectionContext connection) =>
        connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) ?? false;

    private Task ServeAsync(ConnectionContext connection, ConnectionDelegate next) => ServeAsync(connection, () => next(connection));

    private Task ServeHttp3Async(MultiplexedConnectionContext connection, MultiplexedConnectionDelegate next)
    {
        if (ListenerOf(connection).Tls!.AsksForCertificates)
        {
            ShownCertificate.Keep(connection);
        }

        IFeatureCollection known = connection.Features;
        var streams = new Http3Connection(connection, Equip, kind => FloodGuard.End(connection, kind, parts.Plane.Floods, reports), Time);
        return ServeAsync(connection, () => next(streams));

        void Equip(IFeatureCollection stream)
        {
            stream.Set(known.GetRequiredFeature<Admitted>());
            stream.Set(known.GetRequiredFeature<OwnedConnection>());
            stream.Set(known.GetRequiredFeature<FirstSession>());
            stream.Set(known.Get<ShownCertificate>());
        }
    }

    private async Task ServeAsync(BaseConnectionContext connection, Func<Task> next)
    {
        using Admitted admitted = connection.Features.GetRequiredFeature<Admitted>();
        ListenSocket socket = admitted.Listener.Socket;
        using var owned = new OwnedConnection();
        connection.Features.Set(owned);
        connection.Features.Set(new FirstSession());
        open.TryAdd(connection, socket);
        try
        {
            // Who is idle may have been closed before it was in the list.
            if (socket.ClosesIdle)
            {
                connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            }

            await next();
        }
        finally
        {
            open.TryRemove(connection, out _);
        }
    }

    private Task ServePlainAsync(ConnectionContext connection) =>
        ListenerOf(connection).Settings.Http2 == ListenerHttp2.Cleartext ? _cleartext!(connection) : _http!(connection);

    private async Task ShakeHandsAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var limit = new HandshakeLimit(connection, parts.Limits.HeaderTimeout, Time);
        connection.Features.Set(limit);
        await next(connection);
    }

    // The server tells nobody of handshakes that come to nothing.
    private static async Task UntilItFailsAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        await next(connection);
        if (!connection.Features.GetRequiredFeature<HandshakeLimit>().IsMet)
        {
            ListenerOf(connection).Connections.ShookHands(SslProtocols.None);
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
            await Task.WhenAny(serving, Task.Delay(EndedTimeMax, Time));
        }

        if (serving.IsCompleted)
        {
            await serving;
        }
    }

    private async Task ServeHttp1Async(ConnectionContext connection)
    {
        OwnedConnection owned = connection.Features.GetRequiredFeature<OwnedConnection>();
        using var client = new Http1Connection(parts, application, PeerAddress.Of(connection), owned, connection);
        await client.RunAsync();
    }
}
