using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;
using Yarp.ReverseProxy.Forwarder;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// The lane's connections to all backends: HTTP/1.1, kept alive, as many as there are requests at once (the number
/// of clients bounds them). TLS is done here and not by the handler, which would take the name to verify from the
/// client's Host header; each pool has its own connections with it, since it may be another TLS for the same address.
/// </summary>
internal sealed class BackendClient : IDisposable
{
    private readonly HttpMessageInvoker _plain;
    private readonly ConcurrentDictionary<string, HttpMessageInvoker> _tls = [];
    private readonly ConcurrentDictionary<TimeSpan, ForwarderRequestConfig> _forwarding = [];
    private readonly LimitSettings _limits;
    private readonly BackendTlsTable _trust;

    public BackendClient(LimitSettings limits, BackendTlsTable trust)
    {
        _plain = new HttpMessageInvoker(Handler(limits, ConnectAsync));
        _limits = limits;
        _trust = trust;
        Tunnelling = Config(limits.TunnelTimeout);
    }

    public ForwarderRequestConfig Forwarding(PoolSettings pool) => _forwarding.GetOrAdd(pool.ResponseTimeout ?? _limits.ResponseTimeout, Config);

    /// <summary>For requests that ask for another protocol. It does not bound the wait for the head: <see cref="HeadDeadline"/> does.</summary>
    public ForwarderRequestConfig Tunnelling { get; }

    public HttpMessageInvoker For(string pool, Uri backend) => backend.Scheme == Uri.UriSchemeHttps ? _tls.GetOrAdd(pool, WithTls) : _plain;

    public void Dispose()
    {
        _plain.Dispose();
        foreach (HttpMessageInvoker client in _tls.Values)
        {
            client.Dispose();
        }
    }

    private static ForwarderRequestConfig Config(TimeSpan longestSilence) => new()
    {
        // Every progress in either direction starts it anew; so it bounds the wait for the head and each silence after it.
        ActivityTimeout = OrNever(longestSilence),
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static TimeSpan OrNever(TimeSpan limit) => limit > TimeSpan.Zero ? limit : Timeout.InfiniteTimeSpan;

    private static SocketsHttpHandler Handler(
        LimitSettings limits, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect) => new()
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = OrNever(limits.ConnectTimeout),
            PooledConnectionIdleTimeout = OrNever(limits.BackendIdleTimeout),
            PooledConnectionLifetime = OrNever(limits.ConnectionAgeMax),
            RequestHeaderEncodingSelector = static (_, _) =>
            {
                BackendStream.HeadWritten();
                return Encoding.Latin1;
            },
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ConnectCallback = connect,
        };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation) =>
        new BackendStream(await OpenAsync(context.DnsEndPoint, cancellation).ConfigureAwait(false));

    private HttpMessageInvoker WithTls(string pool)
    {
        BackendTls tls = _trust[pool];
        return new HttpMessageInvoker(Handler(_limits, async (context, cancellation) => new BackendStream(await tls.AuthenticateAsync(
            await OpenAsync(context.DnsEndPoint, cancellation).ConfigureAwait(false), context.InitialRequestMessage.RequestUri!, cancellation).ConfigureAwait(false))));
    }

    private static async ValueTask<NetworkStream> OpenAsync(DnsEndPoint endpoint, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
