using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Tests.Epoll;
using ActorLb.Tests.ProxyProtocol;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>A header of the PROXY protocol stands before TLS, whatever is spoken within.</summary>
public sealed class AnnouncedTlsClientTests : IDisposable
{
    private readonly CertificateFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task The_header_stands_before_the_handshake(string version)
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await StartAsync(backend);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" },
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(lane.Endpoint, cancellation);
                await socket.SendAsync(BinaryHeaders.Of("192.0.2.7:56324", "203.0.113.9:443"), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        for (int i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{lane.Endpoint}/")
            {
                Version = Version.Parse(version),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using HttpResponseMessage answer = await client.SendAsync(request);
            Assert.Equal((HttpStatusCode.OK, request.Version), (answer.StatusCode, answer.Version));
        }

        Assert.Equal([("192.0.2.7", "https"), ("192.0.2.7", "https")], backend.Take().Select(r => (r["X-Forwarded-For"], r["X-Forwarded-Proto"])));
    }

    [Fact]
    public async Task A_handshake_without_a_header_before_it_is_closed()
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await StartAsync(backend);

        await Assert.ThrowsAnyAsync<IOException>(() => RawClient.ConnectAsync(lane.Endpoint, tls: true));
        await TestLane.UntilAsync(() => lane.Plane.ProxyHeaders[ProxyHeaderFault.Missing] == 1);
    }

    private Task<TestLane> StartAsync(RecordingBackend backend) => TestLane.StartAsync(
        new LaneOptions
        {
            AcceptsProxyProtocol = true,
            TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")],
            Tls = _files.Pem,
        },
        backend.Address);
}
