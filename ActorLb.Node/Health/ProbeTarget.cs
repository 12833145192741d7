using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Http2.Client;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Health;

/// <summary>Where probes of one backend go: where its requests go, but for the port where health.port says so.</summary>
/// <param name="Backend">Its address as it is configured.</param>
/// <param name="Port">0: the backend's own.</param>
internal sealed record ProbeTarget(Uri Backend, int Port, BackendAddresses Addresses, BackendTls Tls)
{
    /// <summary>What each connection begins with, before TLS; empty: nothing.</summary>
    public byte[] Header { get; init; } = [];

    /// <summary>What is spoken with it, whatever the probe writes is text of HTTP/1.1.</summary>
    public BackendProtocol Protocol { get; init; }

    /// <summary>A fresh connection, with TLS where the backend's address is https.</summary>
    /// <exception cref="SocketException">There is none.</exception>
    /// <exception cref="Http2FailureException">It does not speak HTTP/2, and should.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Its certificate was refused, or the handshake failed.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        var stream = new NetworkStream(await ConnectSocketAsync(cancellation), ownsSocket: true);
        bool isTls = Backend.Scheme == Uri.UriSchemeHttps;
        Stream connection = isTls ? await Tls.AuthenticateAsync(stream, Backend, Protocol, cancellation) : stream;
        return Protocol == BackendProtocol.Http2 ? await CallStream.OpenAsync(connection, isTls, TimeProvider.System, cancellation) : connection;
    }

    /// <inheritdoc cref="ConnectAsync"/>
    public async Task<Socket> ConnectSocketAsync(CancellationToken cancellation)
    {
        IPEndPoint[] found = await Addresses.FindAsync(Addresses.Of(Backend)).AsTask().WaitAsync(cancellation);
        SocketException failure = new((int)SocketError.HostNotFound);
        foreach (IPEndPoint address in found)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(Port > 0 ? new IPEndPoint(address.Address, Port) : address, cancellation);
                if (Header.Length > 0)
                {
                    await socket.SendAsync(Header, cancellation);
                }

                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                failure = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure;
    }
}
