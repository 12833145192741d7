using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Kestrel;

/// <summary>A new connection, or why there is none.</summary>
/// <param name="Failure">None where there is a stream.</param>
/// <param name="Cause">What the network said, where it said something.</param>
internal readonly record struct DialResult(BackendStream? Stream, FailureReason Failure, Exception? Cause);

/// <summary>Makes connections to backends: to whichever of a name's addresses takes one, within limits.connect-timeout in all.</summary>
internal sealed class BackendDialer(DataPlane plane, LimitsInForce limits)
{
    private readonly ConnectionAges _ages = new();

    /// <param name="client">Whom the connection's header names, where its pool wants one.</param>
    /// <param name="gone">Nobody waits for the connection any more.</param>
    public async Task<DialResult> DialAsync(PoolSettings pool, BackendSnapshot backend, AnnouncedClient client, CancellationToken gone)
    {
        if (!plane.Connections.TryOpenBackend())
        {
            return new DialResult(null, FailureReason.OutOfSockets, null);
        }

        DialResult result = await OpenAsync(pool, backend, client, gone).ConfigureAwait(false);
        if (result.Stream is null)
        {
            plane.Connections.CloseBackend();
        }

        return result;
    }

    private async Task<DialResult> OpenAsync(PoolSettings pool, BackendSnapshot backend, AnnouncedClient client, CancellationToken gone)
    {
        TimeSpan timeout = limits.Settings.ConnectTimeout is var limit && limit > TimeSpan.Zero ? limit : Timeout.InfiniteTimeSpan;
        using var late = new CancellationTokenSource(timeout, plane.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, gone);
        try
        {
            BackendHost host = plane.Addresses.Of(backend.Address);
            IPEndPoint[] addresses = await plane.Addresses.FindAsync(host).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
            (Socket socket, IPEndPoint address) = await ConnectAsync(addresses, either.Token).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (pool.ProxyProtocol != ProxyHeaderVersion.Off)
            {
                await stream.WriteAsync(ProxyHeaderWriter.Of(pool.ProxyProtocol, client), either.Token).ConfigureAwait(false);
            }

            if (backend.Address.Scheme == Uri.UriSchemeHttps)
            {
                stream = await plane.BackendTls[pool.Name].AuthenticateAsync(stream, backend.Address, either.Token).ConfigureAwait(false);
            }

            long age = _ages.Next(limits.Settings.ConnectionAgeMax);
            long diesAt = age == long.MaxValue ? age : SteadyClock.Now(plane.Time) + age;
            var opened = new BackendStream(socket, stream, host, address, diesAt, plane.Connections) { Backend = backend.Address, Header = pool.ProxyProtocol };
            return new DialResult(opened, FailureReason.None, null);
        }
        catch (OperationCanceledException)
        {
            return new DialResult(null, gone.IsCancellationRequested ? FailureReason.ClientGone : FailureReason.ConnectTimeout, null);
        }
        catch (SocketException e) when (ConnectFault.IsOurOwn(e.SocketErrorCode))
        {
            return new DialResult(null, FailureReason.OutOfSockets, e);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            return new DialResult(null, FailureReason.BackendConnectFailed, e);
        }
    }

    private static async Task<(Socket Socket, IPEndPoint Address)> ConnectAsync(IPEndPoint[] addresses, CancellationToken cancellation)
    {
        SocketException failure = new((int)SocketError.HostNotFound);
        foreach (IPEndPoint address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, cancellation).ConfigureAwait(false);
                return (socket, address);
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
