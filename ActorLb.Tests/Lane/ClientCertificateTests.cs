using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Listeners;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Listeners that ask clients for certificates, and what backends hear of these.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    private readonly TestCertificates _files = new();
    private readonly TestCertificates _foreign = new();
    private readonly Warnings _log = new();

    public void Dispose()
    {
        _files.Dispose();
        _foreign.Dispose();
    }

    [Theory]
    [InlineData(ClientCertificateUse.None, "good", true, null)]
    [InlineData(ClientCertificateUse.Optional, "none", true, null)]
    [InlineData(ClientCertificateUse.Optional, "good", true, null)]
    [InlineData(ClientCertificateUse.Optional, "expired", false, "alice: it expired on ")]
    [InlineData(ClientCertificateUse.Optional, "foreign", false, "alice: ")]
    [InlineData(ClientCertificateUse.Optional, "for servers", false, "alice: it is not for clients")]
    [InlineData(ClientCertificateUse.Required, "none", false, "it showed none")]
    [InlineData(ClientCertificateUse.Required, "good", true, null)]
    [InlineData(ClientCertificateUse.Required, "of no use", true, null)]
    [InlineData(ClientCertificateUse.Required, "expired", false, "alice: it expired on ")]
    public async Task Only_a_good_certificate_gets_through_the_handshake_and_a_refused_one_is_counted_and_told(
        ClientCertificateUse use, string shown, bool passes, string? told)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, use);
        using X509Certificate2? own = Make(shown);

        foreach (Version version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            Assert.Equal(passes, await AskAsync(lane.Endpoint, own, version) == "a");
        }

        // A client may try again by itself.
        ListenerConnections connections = Assert.Single(lane.Plane.Connections.Listeners).Value;
        Assert.InRange(connections.RefusedCertificates, passes ? 0 : 2, passes ? 0 : 20);
        if (told is not null)
        {
            // One line for both: the second is told with how often, a minute later.
            Assert.StartsWith($"127.0.0.1 had its client certificate refused by listener http: {told}", Assert.Single(_log.All), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_backend_is_told_of_the_certificate_and_never_of_one_that_a_client_wrote_down(string version)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, ClientCertificateUse.Optional);
        using X509Certificate2? own = Make("good");

        await AskAsync(lane.Endpoint, own, Version.Parse(version));
        await AskAsync(lane.Endpoint, null, Version.Parse(version));

        SeenRequest[] seen = [.. backend.Seen];
        Assert.Equal($":{Convert.ToBase64String(own!.RawData)}:", seen[0]["Client-Cert"]);
        Assert.StartsWith($"Hash={own.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()};Subject=\"CN=alice\"", seen[0]["X-Forwarded-Client-Cert"], StringComparison.Ordinal);
        Assert.Null(seen[0]["Client-Cert-Chain"]);
        Assert.All((string[])["Client-Cert", "Client-Cert-Chain", "X-Forwarded-Client-Cert"], name => Assert.Null(seen[1][name]));
    }

    [Fact]
    public async Task What_a_trusted_proxy_says_of_its_client_stays_and_the_proxys_own_certificate_is_not_the_clients()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, ClientCertificateUse.Required, IPNetwork.Parse("127.0.0.0/8"));
        using X509Certificate2? own = Make("good");
        await AskAsync(lane.Endpoint, own, HttpVersion.Version11);

        SeenRequest seen = Assert.Single(backend.Seen);
        Assert.Equal((":Zm9yZ2Vk:", "Hash=0"), (seen["Client-Cert"], seen["X-Forwarded-Client-Cert"]));
    }

    [Fact]
    public async Task Roots_follow_their_file_and_a_certificate_is_looked_at_in_every_handshake()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, ClientCertificateUse.Required);
        using X509Certificate2? own = Make("good");
        using X509Certificate2? other = Make("foreign");
        using TlsClient stays = await TlsClient.ConnectAsync(lane.Endpoint, own: own);
        Assert.Equal("a", await AskAsync(lane.Endpoint, own, HttpVersion.Version11));

        _files.Write("roots.pem", "-----BEGIN CERTIFICATE-----\n");
        await TestLane.UntilAsync(() => lane.Group.CertificateProblems.Count > 0);
        Assert.Equal("listeners.http.tls.client-roots", lane.Group.CertificateProblems[0].Key);
        Assert.Equal("a", await AskAsync(lane.Endpoint, own, HttpVersion.Version11));

        _files.Write("roots.pem", _foreign.RootPem + "\n" + _foreign.IssuerPem);
        await TestLane.UntilAsync(() => lane.Group.CertificateProblems.Count == 0);
        Assert.Null(await AskAsync(lane.Endpoint, own, HttpVersion.Version11));
        Assert.Equal("a", await AskAsync(lane.Endpoint, other, HttpVersion.Version11));
        Assert.Contains("\r\n\r\na", await stays.AskAsync("GET / HTTP/1.0\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_is_switched_on_for_new_handshakes_alone()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(backend, ClientCertificateUse.None);
        using TlsClient stays = await TlsClient.ConnectAsync(lane.Endpoint);

        await lane.ApplyAsync(l => l with { Tls = l.Tls! with { ClientCertificate = ClientCertificateUse.Required, ClientRoots = Roots() } });

        Assert.Null(await AskAsync(lane.Endpoint, null, HttpVersion.Version11));
        Assert.Contains("\r\n\r\na", await stays.AskAsync("GET / HTTP/1.0\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
    }

    /// <summary>With fields that a client could make up; null: the handshake was refused.</summary>
    private static async Task<string?> AskAsync(IPEndPoint lane, X509Certificate2? own, Version version)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, null, offline: true),
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            },
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{lane}/")
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "Client-Cert", ":Zm9yZ2Vk:" }, { "Client-Cert-Chain", ":Zm9yZ2Vk:" }, { "X-Forwarded-Client-Cert", "Hash=0" } },
        };
        try
        {
            using HttpResponseMessage answer = await client.SendAsync(request);
            return await answer.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private X509Certificate2? Make(string kind) => kind switch
    {
        "none" => null,
        "expired" => _files.Leaf("CN=alice", -1, Use(ForClients)),
        "foreign" => _foreign.Leaf("CN=alice", 30, Use(ForClients)),
        "for servers" => _files.Leaf("CN=alice", 30, Use(ForServers)),
        "of no use" => _files.Leaf("CN=alice", 30),
        _ => _files.Leaf("CN=alice", 30, Use(ForClients)),
    };

    private static X509EnhancedKeyUsageExtension Use(string oid) => new([new Oid(oid)], critical: false);

    // Issuers need not be sent where they stand among the roots.
    private string Roots() => _files.Write("roots.pem", _files.RootPem + "\n" + _files.IssuerPem);

    private Task<TestLane> StartAsync(SampleBackend backend, ClientCertificateUse use, params IPNetwork[] proxies)
    {
        using X509Certificate2 server = _files.Server("localhost");
        return TestLane.StartAsync(
            new LaneOptions
            {
                Loggers = _log,
                TrustedProxies = [.. proxies],
                Tls = new ListenerTlsSettings(_files.Files("server", server)) { ClientCertificate = use, ClientRoots = use == ClientCertificateUse.None ? "" : Roots() },
            },
            backend.Address);
    }

    private sealed class Warnings : ILoggerFactory, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IEnumerable<string> All => _lines.Where(l => l.Contains("client certificate", StringComparison.Ordinal));

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                _lines.Enqueue(formatter(state, exception));
            }
        }
    }
}
