using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>The header of the PROXY protocol for backends, where HTTP/2 and TLS are spoken.</summary>
public sealed class BackendAnnouncementTlsTests : IDisposable
{
    private readonly CertificateFiles _files = new();
    private readonly ConcurrentQueue<AnnouncedClient?> _clients = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Each_request_of_HTTP2_has_a_connection_of_its_own()
    {
        int closed = 0;
        await using RawBackend backend = AnnouncedBackend.Start(_clients, () => Interlocked.Increment(ref closed));
        var options = new LaneOptions { Tls = _files.Pem, PoolProxyProtocol = ProxyHeaderVersion.V2 };
        await using TestLane lane = await TestLane.StartAsync(options, backend.Address);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" },
        });
        for (int i = 1; i <= 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{lane.Endpoint}/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using HttpResponseMessage answer = await client.SendAsync(request);
            Assert.Equal($"{i}", await answer.Content.ReadAsStringAsync());
        }

        await TestLane.UntilAsync(() => Volatile.Read(ref closed) == 3);
        Assert.Single(_clients.Distinct());
        Assert.Equal(lane.Endpoint, _clients.First()!.Destination);
    }

    [Fact]
    public async Task The_header_stands_before_the_handshake_with_a_backend()
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12FromFile(_files.Pfx.Certificates[0].Certificate, _files.Pfx.Certificates[0].Password);
        await using var backend = new RawBackend(async connection =>
        {
            _clients.Enqueue(await AnnouncedBackend.ReadHeaderAsync(connection.Stream));
            await using var tls = new SslStream(connection.Stream);
            await tls.AuthenticateAsServerAsync(certificate);
            await tls.ReadAtLeastAsync(new byte[4096], 1);
            await tls.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"));
        });
        var options = new LaneOptions { PoolProxyProtocol = ProxyHeaderVersion.V1, BackendTls = BackendTlsSettings.Default with { Verify = false } };
        await using TestLane lane = await TestLane.StartAsync(options, new UriBuilder(backend.Address) { Scheme = "https" }.Uri);

        Assert.Equal("ok", await lane.GetAsync());
        Assert.Equal(lane.Endpoint, Assert.Single(_clients)!.Destination);
    }
}
