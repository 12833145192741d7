using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using ActorLb.Shared.Settings;
using Yarp.ReverseProxy.Forwarder;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// The lane's connections to all backends: HTTP/1.1, kept alive, as many as there are requests at once (the number
/// of clients bounds them). Two pools, since TLS is done here and not by the handler: the handler would take the
/// name to verify from the client's Host header.
/// </summary>
internal sealed class BackendClient : IDisposable
{
    private readonly HttpMessageInvoker _plain;
    private readonly HttpMessageInvoker _tls;

    public BackendClient(LimitSettings limits)
    {
        _plain = new HttpMessageInvoker(Handler(limits, ConnectAsync));
        _tls = new HttpMessageInvoker(Handler(limits, ConnectTlsAsync));
        Forwarding = Config(limits.ResponseTimeout);
        Tunnelling = Config(limits.TunnelTimeout);
    }

    public ForwarderRequestConfig Forwarding { get; }

    /// <summary>For requests that ask for another protocol. It does not bound the wait for the head: <see cref="HeadDeadline"/> does.</summary>
    public ForwarderRequestConfig Tunnelling { get; }

    public HttpMessageInvoker For(Uri backend) => backend.Scheme == Uri.UriSchemeHttps ? _tls : _plain;

    public void Dispose()
    {
        _plain.Dispose();
        _tls.Dispose();
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
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
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

    private static async ValueTask<Stream> ConnectTlsAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var tls = new SslStream(await OpenAsync(context.DnsEndPoint, cancellation).ConfigureAwait(false));
        try
        {
            var options = new SslClientAuthenticationOptions { TargetHost = context.DnsEndPoint.Host };
            await tls.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
            return new BackendStream(tls);
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
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
