using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Certificates;
using ActorLb.Node.Health;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Health;
using ActorLb.Tests.Lane;
using Xunit;

namespace ActorLb.Tests.Certificates;

/// <summary>TLS towards backends: requests and probes believe the same.</summary>
public sealed class BackendTlsTests : IDisposable
{
    private readonly TestCertificates _files = new();

    public void Dispose() => _files.Dispose();

    private BackendTlsSettings OwnRoot => BackendTlsSettings.Default with { Roots = _files.Root };

    [Theory]
    [InlineData("127.0.0.1", "")]
    [InlineData("app.internal", "app.internal")]
    public async Task A_backend_with_a_certificate_of_an_own_root_is_believed_by_requests_and_probes(string name, string serverName)
    {
        using X509Certificate2 certificate = _files.Server(name);
        await using var backend = new TlsBackend(certificate, _files.IssuerPem);
        BackendTlsSettings settings = OwnRoot with { ServerName = serverName };

        Assert.Equal(new ProbeResult(Passed: true, "200"), await ProbeAsync(settings, backend));

        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { BackendTls = settings }, backend.Address);
        Assert.Equal($"{serverName}|", await lane.GetAsync());
    }

    [Fact]
    public async Task What_is_wrong_with_a_certificate_is_said_to_the_operator_and_not_to_the_client()
    {
        using X509Certificate2 good = _files.Server("127.0.0.1");
        using X509Certificate2 other = _files.Server("other.example");
        using X509Certificate2 old = _files.Server("127.0.0.1", days: -1);

        Assert.Equal("certificate refused: the issuer test root is neither trusted nor sent", await RefusalAsync(BackendTlsSettings.Default, good, _files.IssuerPem + "\n" + _files.RootPem));
        Assert.Equal("certificate refused: the issuer test issuer is neither trusted nor sent", await RefusalAsync(OwnRoot, good, ""));
        Assert.Equal("certificate refused: it is for other.example, not for 127.0.0.1", await RefusalAsync(OwnRoot, other, _files.IssuerPem));
        Assert.Equal("certificate refused: it is for 127.0.0.1, not for a.example", await RefusalAsync(OwnRoot with { ServerName = "a.example" }, good, _files.IssuerPem));
        Assert.Matches("^certificate refused: it expired on [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{5}Z$", await RefusalAsync(OwnRoot, old, _files.IssuerPem));

        await using var backend = new TlsBackend(other, _files.IssuerPem);
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { BackendTls = OwnRoot }, backend.Address);
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.DoesNotContain("other.example", answer + await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_verification_anything_is_believed()
    {
        using X509Certificate2 old = _files.Server("other.example", days: -1);
        await using var backend = new TlsBackend(old, "");
        Assert.True((await ProbeAsync(BackendTlsSettings.Default with { Verify = false }, backend)).Passed);
    }

    [Fact]
    public async Task A_backend_that_asks_for_a_certificate_gets_the_pools()
    {
        using X509Certificate2 certificate = _files.Server("127.0.0.1");
        await using var backend = new TlsBackend(certificate, _files.IssuerPem, asksForCertificate: true);
        using X509Certificate2 own = _files.Server("balancer");
        string pem = _files.Write("own.pem", own.ExportCertificatePem() + "\n" + own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        BackendTlsSettings settings = OwnRoot with { ClientCertificate = new CertificateSettings(pem, "", "") };

        Assert.True((await ProbeAsync(settings, backend)).Passed);
        Assert.False((await ProbeAsync(OwnRoot, backend)).Passed);
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { BackendTls = settings }, backend.Address);
        Assert.Equal("|CN=balancer", await lane.GetAsync());
    }

    private static async Task<string> RefusalAsync(BackendTlsSettings settings, X509Certificate2 certificate, string issuers)
    {
        await using var backend = new TlsBackend(certificate, issuers);
        var tls = new BackendTls(settings, TimeProvider.System);
        using var client = new TcpClient();
        await client.ConnectAsync(backend.Address.Host, backend.Address.Port);
        var refusal = await Assert.ThrowsAnyAsync<AuthenticationException>(
            () => tls.AuthenticateAsync(client.GetStream(), backend.Address, BackendProtocol.Http1, CancellationToken.None).AsTask());
        Assert.Equal(new ProbeResult(Passed: false, refusal.Message), await ProbeAsync(settings, backend));
        return refusal.Message;
    }

    private static async Task<ProbeResult> ProbeAsync(BackendTlsSettings settings, TlsBackend backend)
    {
        var tls = new BackendTls(settings, TimeProvider.System);
        using var probe = new HttpProbe(Pools.Health, new ProbeTarget(backend.Address, 0, new BackendAddresses(), tls), "http");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await probe.ProbeAsync(limit.Token);
    }
}
