using System.Collections.Concurrent;
using System.Net.Security;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Reports;
using ActorLb.Engine.Sessions;
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
/// us. One for all listeners: each connection carries the one that accepted it.
/// </summary>
internal sealed class ClientPipeline(
    LaneParts parts, LaneApplication application, AddressReports reports, ConcurrentDictionary<ConnectionContext, ListenSocket> open)
{
    /// <summary>What is left of a connection whose socket is closed has ended by then.</summary>
    private static readonly TimeSpan EndedTimeMax = TimeSpan.FromSeconds(10);

    /// <summary>Of the server: ours ends a handshake before (<see cref="HandshakeLimit"/>), or nothing does. It takes no infinite one.</summary>
    private static readonly TimeSpan NoTimeout = TimeSpan.FromDays(1);

    private readonly CertificateRefusals _refusals = new(reports, parts.Logger);
    private ConnectionDelegate? _http;

    private TimeProvider Time => parts.Plane.Time;

    public void Configure(ListenOptions listen)
    {
        // Without TLS there is no ALPN, and both protocols on one plain port would need to be guessed: those are HTTP/1.1, which
        // is ours. With TLS the listener's certificate says what is offered.
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.Use(next => connection => ServeAsync(connection, next));
        listen.Use(next => new ProxyHeaderReader(next, () => parts.Limits.FirstByteTimeout, parts.Plane.ProxyHeaders, Time).OnConnectionAsync);
        listen.Use(next => connection => ListenerOf(connection).Tls is null ? _http!(connection) : ShakeHandsAsync(connection, next));
        listen.Use(next => new PlainHttpRefusal(next, () => parts.Limits.HeaderTimeout, Time).OnConnectionAsync);
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = context => new(HandshakeOf(ListenerOf(context.Connection), context)),
            HandshakeTimeout = NoTimeout,
        });
        listen.Use(next => connection =>
        {
            connection.Features.Get<HandshakeLimit>()?.Dispose();
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

    private SslServerAuthenticationOptions HandshakeOf(ServedListener listener, TlsHandshakeCallbackContext context) =>
        listener.Tls!.OptionsFor(context.ClientHelloInfo.ServerName, why => _refusals.Tell(listener, context.Connection.RemoteEndPoint, why));

    private static ServedListener ListenerOf(BaseConnectionContext connection) => connection.Features.GetRequiredFeature<Admitted>().Listener;

    private static bool SpeaksHttp2(ConnectionContext connection) =>
        connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) ?? false;

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using Admitted admitted = connection.Features.GetRequiredFeature<Admitted>();
        ListenSocket socket = admitted.Listener.Socket;
        using var owned = new OwnedConnection();
        connection.Features.Set(owned);
        connection.Features.Set(new FirstSession());
        open.TryAdd(connection, socket);
        parts.Clients.Opened();
        try
        {
            // Who is idle may have been closed before it was in the list.
            if (socket.ClosesIdle)
            {
                connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            }

            await next(connection);
        }
        finally
        {
            open.TryRemove(connection, out _);
            parts.Clients.Closed();
        }
    }

    private async Task ShakeHandsAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var limit = new HandshakeLimit(connection, parts.Limits.HeaderTimeout, Time);
        connection.Features.Set(limit);
        await next(connection);
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
