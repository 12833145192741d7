using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Measurements;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>TLS towards clients and towards backends.</summary>
public sealed class ListenerTlsTests : IDisposable
{
    private readonly TestCertificates _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("pem")]
    [InlineData("pem with root")]
    [InlineData("pfx")]
    public async Task A_client_that_knows_the_root_alone_can_verify(string form)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = Settings(form) }, backend.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(lane.Endpoint);
        await using var tls = new SslStream(client.GetStream());
        int sent = 0;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.ImportFromPem(_files.RootPem);

        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "a.example",
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, _, chain, errors) =>
            {
                sent = chain!.ChainPolicy.ExtraStore.Count;
                return errors == SslPolicyErrors.None;
            },
        });

        // Leaf and issuer; a root is known to those who trust it.
        Assert.InRange(sent, 1, 2);
    }

    [Fact]
    public async Task Handshakes_are_counted_by_what_came_of_them_and_plain_requests_as_requests()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = Settings("pem") }, backend.Address);
        foreach (SslProtocols version in (SslProtocols[])[SslProtocols.Tls13, SslProtocols.Tls12, SslProtocols.Tls13])
        {
            using var client = new TcpClient();
            await client.ConnectAsync(lane.Endpoint);
            await using var tls = new SslStream(client.GetStream(), false, (_, certificate, _, _) => certificate is not null);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "a.example", EnabledSslProtocols = version });
        }

        await RawClient.ExchangeAsync(lane.Endpoint, "\u0016 is no hello\r\n\r\n");
        await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\n\r\n");

        ListenerConnections connections = lane.Plane.Connections.Listeners.Single().Value;
        await TestLane.UntilAsync(() => connections is { FailedHandshakes: > 0, HandshakesOfTls12: > 0, HandshakesOfTls13: 2 });
        Assert.Equal((5, 1, 2, 1), (connections.Accepted, connections.HandshakesOfTls12, connections.HandshakesOfTls13, connections.FailedHandshakes));
        RequestFigures unrouted = lane.Plane.Measurements.Read().Routes.Single(r => r.Route.Length == 0).Requests;
        Assert.Equal((1, 1), (unrouted.CountOf(4), unrouted.CountOf(FailureReason.PlainHttp)));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", true)]
    [InlineData("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", true)]
    [InlineData("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", false)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", true)]
    public async Task Plain_HTTP_to_a_port_with_TLS_is_told_so(string request, bool hasBody)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = Settings("pem") }, backend.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(lane.Endpoint);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);

        string answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nX-ActorLb-Reason: plain-http\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(hasBody, answer.EndsWith("400 plain-http: plain HTTP request was sent to HTTPS port\n", StringComparison.Ordinal));
        Assert.Empty(backend.Seen);
    }

    private ListenerTlsSettings Settings(string form)
    {
        using X509Certificate2 server = _files.Server("a.example");
        string key = server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        string chain = server.ExportCertificatePem() + "\n" + _files.IssuerPem;
        return new ListenerTlsSettings(form switch
        {
            "pem" => new CertificateSettings(_files.Write("all.pem", chain + "\n" + key), "", ""),
            "pem with root" => new CertificateSettings(_files.Write("all.pem", chain + "\n" + _files.RootPem + "\n" + key), "", ""),
            _ => new CertificateSettings(
                _files.Write("all.pfx", new X509Certificate2Collection { server, X509Certificate2.CreateFromPem(_files.IssuerPem) }.Export(X509ContentType.Pkcs12, "p")!), "", "p"),
        });
    }
}
