using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorLb.Engine.Certificates;
using ActorLb.Node.Cli;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Cli;
using ActorLb.Tests.Health;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class AdminTlsTests : IDisposable
{
    private const string Token = "a-token-that-may-operate";

    private readonly TestCertificates _certificates = new();
    private readonly TestCertificates _foreign = new();
    private readonly CertificateSettings _own;
    private readonly string _log;

    public AdminTlsTests()
    {
        _own = Write("own", _certificates, "127.0.0.1");
        _log = _certificates.Write("audit.log", "");
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _foreign.Dispose();
    }

    [Theory]
    [InlineData(ClientCertificateUse.None, "none", true)]
    [InlineData(ClientCertificateUse.Optional, "none", true)]
    [InlineData(ClientCertificateUse.Optional, "good", true)]
    [InlineData(ClientCertificateUse.Optional, "expired", false)]
    [InlineData(ClientCertificateUse.Optional, "foreign", false)]
    [InlineData(ClientCertificateUse.Required, "none", false)]
    [InlineData(ClientCertificateUse.Required, "good", true)]
    [InlineData(ClientCertificateUse.Required, "expired", false)]
    [InlineData(ClientCertificateUse.Required, "foreign", false)]
    public async Task Client_certificates_are_asked_for_as_it_is_written(ClientCertificateUse use, string shown, bool passes)
    {
        CertificateSettings? certificate = shown switch
        {
            "good" => Write("good", _certificates, "alice"),
            "expired" => Write("expired", _certificates, "alice", days: -1),
            "foreign" => Write("foreign", _foreign, "alice"),
            _ => null,
        };
        await using (AdminFixture node = await StartAsync(use))
        {
            using var client = new AdminClient([node.Url], Token, TimeProvider.System, Tls(certificate));
            if (passes)
            {
                Assert.Equal("node-1", (await client.StatusAsync(default)).Node);
                await client.SetAsync(new("web", "a"), "maintenance", default);
            }
            else
            {
                AdminException refusal = await Assert.ThrowsAsync<AdminException>(() => client.StatusAsync(default));
                Assert.StartsWith($"cannot reach {node.Url}: ", refusal.Message, StringComparison.Ordinal);
            }
        }

        string audit = await File.ReadAllTextAsync(_log);
        string? told = (use, shown) switch
        {
            (_, "expired") => "\"certificate\":\"alice: it expired on ",
            (_, "foreign") => "\"certificate\":\"alice: ",
            (ClientCertificateUse.Required, "none") => "\"certificate\":\"it showed none\"",
            (_, "good") => "\"certificate\":\"CN=alice\",\"action\":\"maintenance\"",
            _ => null,
        };
        if (told is not null)
        {
            Assert.Contains(told, audit, StringComparison.Ordinal);
        }

        Assert.Equal(!passes, audit.Contains("\"action\":\"handshake\",\"outcome\":\"unauthorized\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_good_certificate_alone_opens_nothing_without_a_token()
    {
        await using AdminFixture node = await StartAsync(ClientCertificateUse.Required);
        using var client = new AdminClient([node.Url], null, TimeProvider.System, Tls(Write("good", _certificates, "alice")));
        AdminException refusal = await Assert.ThrowsAsync<AdminException>(() => client.StatusAsync(default));
        Assert.Contains("needs a token", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_renewed_on_disk_is_shown_without_a_new_start()
    {
        var time = new ManualTime();
        await using AdminFixture node = await StartAsync(ClientCertificateUse.None, time);
        string before = await SubjectAsync(node);
        using X509Certificate2 next = _certificates.Server("localhost");
        _certificates.Write("own.pem", next.ExportCertificatePem() + "\n" + _certificates.IssuerPem);
        _certificates.Write("own.key", next.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        time.Advance(CertificateWatch.Period);
        time.Advance(CertificateWatch.Period);
        Assert.Equal(("CN=127.0.0.1", "CN=localhost"), (before, await SubjectAsync(node)));
        Assert.Empty(node.Server.CertificateProblems);

        _certificates.Write("own.key", "no key");
        time.Advance(CertificateWatch.Period);
        time.Advance(CertificateWatch.Period);
        Assert.Equal("CN=localhost", await SubjectAsync(node));
        Assert.Equal("admin.tls", Assert.Single(node.Server.CertificateProblems).Key);
    }

    [Fact]
    public async Task Who_speaks_plain_HTTP_gets_no_answer_and_HTTP2_is_not_offered()
    {
        await using AdminFixture node = await StartAsync(ClientCertificateUse.None);
        using var plain = new TcpClient();
        await plain.ConnectAsync(node.Server.Endpoint);
        await plain.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /livez HTTP/1.1\r\nHost: lb\r\n\r\n"));
        var answer = new byte[100];
        int length = await plain.GetStream().ReadAtLeastAsync(answer, 12, throwOnEndOfStream: false);
        Assert.DoesNotContain("HTTP/1.1 2", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);

        using var tcp = new TcpClient();
        await tcp.ConnectAsync(node.Server.Endpoint);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "lb", ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] });
        Assert.Equal(SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
    }

    [Fact]
    public async Task The_command_line_trusts_the_roots_it_is_given_and_shows_the_certificate()
    {
        CertificateSettings shown = Write("good", _certificates, "alice");
        await using AdminFixture node = await StartAsync(ClientCertificateUse.Required);
        string[] status = ["status", "--admin", node.Url.ToString(), "--token", Token];

        var untrusted = new CommandRun();
        Assert.Equal(ExitCode.Failed, await untrusted.RunAsync([.. status, "--admin-certificate", shown.Certificate, "--admin-key", shown.Key]));
        Assert.Contains("its certificate was refused: ", untrusted.Error, StringComparison.Ordinal);
        Assert.Contains("--admin-roots or $ACTORLB_ADMIN_ROOTS", untrusted.Error, StringComparison.Ordinal);

        var none = new CommandRun();
        Assert.Equal(ExitCode.Failed, await none.RunAsync([.. status, "--admin-roots", _certificates.Root]));
        Assert.StartsWith($"actorlb: cannot reach {node.Url}: ", none.Error, StringComparison.Ordinal);
        Assert.Contains("It may want a certificate of this client, and was shown none (--admin-certificate or $ACTORLB_ADMIN_CERTIFICATE, with --admin-key)", none.Error, StringComparison.Ordinal);

        var plain = new CommandRun();
        Assert.Equal(ExitCode.Failed, await plain.RunAsync("status", "--admin", $"http://{node.Server.Endpoint}", "--token", Token));
        Assert.Contains($"It may speak TLS: --admin https://{node.Server.Endpoint}", plain.Error, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Good, await new CommandRun().RunAsync([.. status, "--admin-roots", _certificates.Root, "--admin-certificate", shown.Certificate, "--admin-key", shown.Key]));
        var set = new CommandRun
        {
            Variables =
            {
                [AdminOptions.RootsVariable] = _certificates.Root, [AdminOptions.CertificateVariable] = shown.Certificate, [AdminOptions.KeyVariable] = shown.Key,
            },
        };
        Assert.Equal((ExitCode.Good, ""), (await set.RunAsync(status), set.Error));
    }

    [Theory]
    [InlineData("--admin-roots", "none.pem", "'none.pem'")]
    [InlineData("--admin-certificate", "none.pem", "'none.pem'")]
    [InlineData("--admin-key", "none.key", "no certificate (--admin-certificate or $ACTORLB_ADMIN_CERTIFICATE)")]
    public async Task Files_that_cannot_be_used_are_one_line_and_1(string option, string file, string told)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("status", "--admin", "https://127.0.0.1:1", option, file));
        Assert.Contains(told, Assert.Single(run.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private async Task<AdminFixture> StartAsync(ClientCertificateUse use, TimeProvider? time = null)
    {
        AdminFixture node = AdminFixture.Make(
            [new AdminToken("ci", TokenDigest.Of(Token), AdminRole.Operate)],
            _log,
            new AdminTlsSettings(_own, use, use == ClientCertificateUse.None ? "" : _certificates.Root),
            time);
        await node.Server.StartAsync(CancellationToken.None);
        return node;
    }

    private BackendTls Tls(CertificateSettings? shown) => new(new BackendTlsSettings(_certificates.Root, "", true, shown), TimeProvider.System);

    private CertificateSettings Write(string name, TestCertificates by, string subject, int days = 30)
    {
        using X509Certificate2 certificate = by.Server(subject, days: days);
        return new CertificateSettings(
            _certificates.Write($"{name}.pem", certificate.ExportCertificatePem() + "\n" + by.IssuerPem),
            _certificates.Write($"{name}.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
            "");
    }

    private static async Task<string> SubjectAsync(AdminFixture node)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(node.Server.Endpoint);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync("lb");
        return tls.RemoteCertificate!.Subject;
    }
}
