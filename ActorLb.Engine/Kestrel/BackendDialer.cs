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

/// <summary>What was made of a new connection, or why there is none.</summary>
/// <param name="Failure">None where there is one.</param>
/// <param name="Cause">What the network said, where it said something.</param>
internal readonly record struct DialResult<T>(T? Made, FailureReason Failure, Exception? Cause)
    where T : class;

/// <summary>A connection that was just made, with TLS where its backend's address is https.</summary>
/// <param name="DiesAt">When it is too old to be used again, in milliseconds of the steady clock.</param>
internal readonly record struct DialedConnection(Socket Socket, Stream Stream, BackendHost Host, IPEndPoint Address, long DiesAt);

/// <summary>Makes connections to backends: to whichever of a name's addresses takes one, within limits.connect-timeout in all.</summary>
internal sealed class BackendDialer(DataPlane plane, LimitsInForce limits)
{
    private readonly ConnectionAges _ages = new();

    /// <summary>One for a request of HTTP/1.1.</summary>
    /// <param name="client">Whom the connection's header names, where its pool wants one.</param>
    /// <param name="gone">Nobody waits for the connection any more.</param>
    public Task<DialResult<Http1Stream>> DialAsync(PoolSettings pool, BackendSnapshot backend, AnnouncedClient client, CancellationToken gone) =>
        DialAsync(
            pool,
            backend,
            client,
            (made, _) => Task.FromResult(
                new Http1Stream(made.Socket, made.Stream, made.Host, made.Address, made.DiesAt, plane.Connections) { Backend = backend.Address, Header = pool.ProxyProtocol }),
            gone);

    /// <summary>One that counts until <see cref="ConnectionLimits.CloseBackend"/> is called for it.</summary>
    /// <param name="client">Null: its pool wants none named.</param>
    /// <param name="make">What it becomes, within the same time.</param>
    /// <inheritdoc cref="DialAsync(PoolSettings, BackendSnapshot, AnnouncedClient, CancellationToken)"/>
    public async Task<DialResult<T>> DialAsync<T>(
        PoolSettings pool, BackendSnapshot backend, AnnouncedClient? client, Func<DialedConnection, CancellationToken, Task<T>> make, CancellationToken gone)
        where T : class
    {
        if (!plane.Connections.TryOpenBackend())
        {
            return new DialResult<T>(null, FailureReason.OutOfSockets, null);
        }

        DialResult<T> result = await OpenAsync(pool, backend, client, make, gone).ConfigureAwait(false);
        if (result.Made is null)
        {
            plane.Connections.CloseBackend();
        }

        return result;
    }

    private async Task<DialResult<T>> OpenAsync<T>(
        PoolSettings pool, BackendSnapshot backend, AnnouncedClient? client, Func<DialedConnection, CancellationToken, Task<T>> make, CancellationToken gone)
        where T : class
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
                await stream.WriteAsync(ProxyHeaderWriter.Of(pool.ProxyProtocol, client!), either.Token).ConfigureAwait(false);
            }

            if (backend.Address.Scheme == Uri.UriSchemeHttps)
            {
                stream = await plane.BackendTls[pool.Name].AuthenticateAsync(stream, backend.Address, pool.Protocol, either.Token).ConfigureAwait(false);
            }

            long age = _ages.Next(limits.Settings.ConnectionAgeMax);
            long diesAt = age == long.MaxValue ? age : SteadyClock.Now(plane.Time) + age;
            T made = await make(new DialedConnection(socket, stream, host, address, diesAt), either.Token).ConfigureAwait(false);
            return new DialResult<T>(made, FailureReason.None, null);
        }
        catch (OperationCanceledException)
        {
            return new DialResult<T>(null, gone.IsCancellationRequested ? FailureReason.ClientGone : FailureReason.ConnectTimeout, null);
        }
        catch (SocketException e) when (ConnectFault.IsOurOwn(e.SocketErrorCode))
        {
            return new DialResult<T>(null, FailureReason.OutOfSockets, e);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            return new DialResult<T>(null, FailureReason.BackendConnectFailed, e);
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
