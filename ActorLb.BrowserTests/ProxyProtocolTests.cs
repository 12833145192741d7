using System.Net;
using System.Net.Sockets;
using ActorLb.ProcessTests;
using Xunit;

namespace ActorLb.BrowserTests;

/// <summary>HAProxy before the nodes tells them by the PROXY protocol whose connections it brings.</summary>
public sealed class ProxyProtocolTests
{
    private static readonly IPAddress Known = IPAddress.Parse("127.77.1.1");

    private static readonly IPAddress Other = IPAddress.Parse("127.77.1.2");

    [Theory]
    [InlineData("send-proxy")]
    [InlineData("send-proxy-v2")]
    public async Task The_address_that_HAProxy_tells_is_the_clients(string version)
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(
            nodes: 2,
            backends: 1,
            extra: $$"""
                listeners.http { proxy-protocol = accept, trusted-proxies = ["127.0.0.0/8"] }
                routes = [ { path = "/healthz", pool = web }, { pool = web, allow = ["{{Known}}"] } ]
                """);
        await using Front front = await Front.StartAsync(cluster, version);
        using HttpClient known = From(Known);
        using HttpClient other = From(Other);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(known, front.Origin));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(other, front.Origin));
        }

        // Whoever is trusted to send a header, and sends none, is not served.
        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(known, cluster.Nodes[0].Http));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, Uri origin)
    {
        using HttpResponseMessage answer = await client.GetAsync(new Uri(origin, "/whoami"));
        return answer.StatusCode;
    }

    private static HttpClient From(IPAddress address) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        Timeout = TimeSpan.FromSeconds(20),
    };
}
