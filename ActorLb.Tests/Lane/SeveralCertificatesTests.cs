using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Listeners with several certificates, and the versions of TLS that they speak.</summary>
public sealed class SeveralCertificatesTests : IDisposable
{
    private readonly TestCertificates _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("b.example", "CN=b.example")]
    [InlineData("any.wild.example", "CN=*.wild.example")]
    [InlineData("one.wild.example", "CN=one.wild.example")]
    [InlineData("m\u00fcller.example", "CN=xn--mller-kva.example")]
    [InlineData("a.b.wild.example", "CN=a.example")]
    [InlineData("unknown.org", "CN=a.example")]
    [InlineData("", "CN=a.example")]
    public async Task A_client_gets_the_certificate_for_the_name_that_it_asks_for(string asked, string subject)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, "a.example", "*.wild.example", "b.example", "one.wild.example", "xn--mller-kva.example");
        Assert.Equal(subject, await SubjectAsync(lane.Endpoint, asked));
    }

    [Fact]
    public async Task Of_several_for_one_name_the_first_is_shown_be_it_RSA_or_EC()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        using X509Certificate2 ec = _files.Server("www.example");
        using X509Certificate2 rsa = _files.Server("www.example", rsa: true);
        CertificateSettings[] both = [_files.Files("ec", ec), _files.Files("rsa", rsa)];
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = new ListenerTlsSettings([both[0], both[1]]) }, backend.Address);
        Assert.Equal(ec.Thumbprint, await ThumbprintAsync(lane.Endpoint, "www.example"));

        await lane.ApplyAsync(l => l with { Tls = new ListenerTlsSettings([both[1], both[0]]) });

        Assert.Equal(rsa.Thumbprint, await ThumbprintAsync(lane.Endpoint, "www.example"));
    }

    [Fact]
    public async Task Each_certificate_follows_its_own_files_and_one_that_cannot_be_used_keeps_no_other_from_it()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, "a.example", "b.example", "c.example");
        string[] before = [await ThumbprintAsync(lane.Endpoint, "a.example"), await ThumbprintAsync(lane.Endpoint, "b.example")];

        // The second is half there, the third is renewed under another name.
        _files.Write("b.example.pem", "no certificate");
        using X509Certificate2 renewed = _files.Server("c.example", "new.example");
        Files("c.example", renewed);

        // The third may be a problem while its key is there alone.
        await UntilAsync(async () => await ThumbprintAsync(lane.Endpoint, "new.example") == renewed.Thumbprint);
        await TestLane.UntilAsync(() => lane.Group.CertificateProblems.Count == 1);
        CertificateProblem problem = Assert.Single(lane.Group.CertificateProblems);
        Assert.Equal("listeners.http.tls.certificates[1]", problem.Key);
        string[] after = [await ThumbprintAsync(lane.Endpoint, "a.example"), await ThumbprintAsync(lane.Endpoint, "b.example")];
        Assert.Equal(before.AsEnumerable(), after);
        Assert.Equal(renewed.Thumbprint, await ThumbprintAsync(lane.Endpoint, "c.example"));
    }

    [Fact]
    public async Task Certificates_come_and_go_while_connections_stay()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, "a.example");
        IPEndPoint address = lane.Endpoint;
        using TlsClient stays = await TlsClient.ConnectAsync(address, "a.example");

        await lane.ApplyAsync(l => l with { Tls = Settings("a.example", "b.example") });
        Assert.Equal("CN=b.example", await SubjectAsync(address, "b.example"));
        await lane.ApplyAsync(l => l with { Tls = Settings("b.example") });
        Assert.Equal("CN=b.example", await SubjectAsync(address, "a.example"));
        CertificateFileException refusal = await Assert.ThrowsAsync<CertificateFileException>(
            () => lane.ApplyAsync(l => l with { Tls = new ListenerTlsSettings([l.Tls!.Certificates[0], new CertificateSettings("gone.pem", "", "")]) }));

        Assert.Equal("listeners.http.tls.certificates[1].certificate: there is no file 'gone.pem'", refusal.Message);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await stays.AskAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_oldest_version_changes_for_new_handshakes_alone()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, "a.example");
        using TlsClient old = await TlsClient.ConnectAsync(lane.Endpoint, versions: SslProtocols.Tls12);
        Assert.Equal(SslProtocols.Tls12, old.Stream.SslProtocol);

        await lane.ApplyAsync(l => l with { Tls = l.Tls! with { MinVersion = TlsVersion.Tls13 } });

        await Assert.ThrowsAnyAsync<Exception>(() => TlsClient.ConnectAsync(lane.Endpoint, versions: SslProtocols.Tls12));
        using TlsClient young = await TlsClient.ConnectAsync(lane.Endpoint);
        Assert.Equal(SslProtocols.Tls13, young.Stream.SslProtocol);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await old.AskAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    private static async Task<string> SubjectAsync(IPEndPoint address, string name)
    {
        using TlsClient client = await TlsClient.ConnectAsync(address, name);
        return client.Subject;
    }

    private static async Task<string> ThumbprintAsync(IPEndPoint address, string name)
    {
        using TlsClient client = await TlsClient.ConnectAsync(address, name);
        return ((X509Certificate2)client.Stream.RemoteCertificate!).Thumbprint;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(50, limit.Token);
        }
    }

    private Task<TestLane> StartAsync(SampleBackend backend, params string[] names) =>
        TestLane.StartAsync(new LaneOptions { Tls = Settings(names) }, backend.Address);

    private ListenerTlsSettings Settings(params string[] names) => new([.. names.Select(name =>
    {
        using X509Certificate2 certificate = _files.Server(name, rsa: false);
        return Files(name, certificate);
    })]);

    private CertificateSettings Files(string name, X509Certificate2 certificate) => _files.Files(name.Replace("*", "any", StringComparison.Ordinal), certificate);
}
