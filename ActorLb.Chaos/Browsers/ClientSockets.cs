using System.Net.Sockets;

namespace ActorLb.Chaos.Browsers;

/// <summary>How clients connect: with sockets of our own making, which tell "nobody there" from "it ended".</summary>
internal static class ClientSockets
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(2);

    /// <summary>Of a request that began a connection: whatever came of it, that was none that had been kept.</summary>
    public static readonly HttpRequestOptionsKey<bool> Connects = new("connects");

    /// <param name="lifetime">How long a connection is kept; zero: one request each.</param>
    public static SocketsHttpHandler Handler(TimeSpan lifetime) => new()
    {
        UseCookies = false,
        UseProxy = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = lifetime,
        ConnectCallback = ConnectAsync,
    };

    /// <exception cref="NoConnectionException">Nobody is there, or nobody in time.</exception>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        context.InitialRequestMessage.Options.Set(Connects, true);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(ConnectPatience);
            await socket.ConnectAsync(context.DnsEndPoint, patience.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw new NoConnectionException(e is SocketException refused ? refused.Message : "no connection in time");
        }
    }
}

/// <summary>There was no connection: nothing was sent.</summary>
internal sealed class NoConnectionException(string message) : Exception(message);
