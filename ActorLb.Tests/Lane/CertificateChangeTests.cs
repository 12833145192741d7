using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Lanes;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Certificates that are renewed, and TLS that is switched on and off, while clients shake hands.</summary>
public sealed class CertificateChangeTests : IDisposable
{
    private readonly TestCertificates _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_renewed_certificate_is_used_by_the_next_handshakes_and_none_fails()
    {
        await using SampleBackend backend = await OkAsync();
        ListenerTlsSettings tls = Write("first.example");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = tls }, backend.Address);
        var shown = new ConcurrentDictionary<string, int>();
        var failures = new ConcurrentQueue<Exception>();
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    shown.AddOrUpdate(await SubjectAsync(lane.Endpoint), 1, (_, n) => n + 1);
                }
                catch (Exception e)
                {
                    failures.Enqueue(e);
                }
            }
        }))];
        await TestLane.UntilAsync(() => shown.ContainsKey("CN=first.example"));

        // The key first: until the certificate is there as well, they do not belong together.
        for (int i = 0; i < 3; i++)
        {
            Write($"renewed{i}.example");
            await TestLane.UntilAsync(() => shown.ContainsKey($"CN=renewed{i}.example"));
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Empty(failures);
        Assert.Equal("CN=renewed2.example", await SubjectAsync(lane.Endpoint));
        Assert.Equal("http", Assert.Single(lane.Group.CertificateExpiries).Key);
    }

    [Fact]
    public async Task A_change_loads_the_certificates_of_its_listeners_at_once_and_is_refused_where_one_cannot_be_used()
    {
        await using SampleBackend backend = await OkAsync();
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = Write("first.example") }, backend.Address);
        Write("second.example");
        await lane.ApplyAsync((ListenerSettings l) => l);
        Assert.Equal("CN=second.example", await SubjectAsync(lane.Endpoint));

        string key = _files.Write("key.pem", "no key");
        CertificateFileException refusal = await Assert.ThrowsAsync<CertificateFileException>(() => lane.ApplyAsync(l => l with { Via = true }));

        Assert.Equal($"listeners.http.tls.key: '{key}' is no PEM file", refusal.Message);
        Assert.Equal("CN=second.example", await SubjectAsync(lane.Endpoint));
        Assert.False(lane.Topology.Listeners[0].Via);
    }

    [Theory]
    [InlineData(ListenerEngine.Auto)]
    [InlineData(ListenerEngine.Kestrel)]
    public async Task TLS_is_switched_on_and_off_while_clients_of_before_stay(ListenerEngine engine)
    {
        await using SampleBackend backend = await OkAsync();
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { AskedEngine = engine }, backend.Address);
        IPEndPoint address = lane.Endpoint;
        using RawClient plain = await RawClient.ConnectAsync(address);
        await AskAsync(plain);

        await lane.ApplyAsync(l => l with { Tls = Write("localhost") });
        await AskAsync(plain);
        using RawClient secured = await RawClient.ConnectAsync(address, tls: true);
        await AskAsync(secured);
        await lane.ApplyAsync(l => l with { Tls = null });
        await AskAsync(plain);
        await AskAsync(secured);
        using RawClient again = await RawClient.ConnectAsync(address);
        await AskAsync(again);

        Assert.Equal(address, lane.Endpoint);
    }

    [Fact]
    public async Task An_engine_that_cannot_serve_the_change_refuses_it_and_all_goes_on()
    {
        await using SampleBackend backend = await OkAsync();
        await using TestLane lane = await TestLane.StartAsync(ListenerEngine.Epoll, backend.Address);

        LaneUnavailableException refusal = await Assert.ThrowsAsync<LaneUnavailableException>(() => lane.ApplyAsync(l => l with { Tls = Write("localhost") }));

        Assert.Equal("listener 'http' cannot use engine = epoll: it speaks TLS", refusal.Message);
        Assert.Equal("ok", await lane.GetAsync());
    }

    private static async Task AskAsync(RawClient client)
    {
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
    }

    private ListenerTlsSettings Write(string name)
    {
        using X509Certificate2 server = _files.Server(name);
        string key = _files.Write("key.pem", server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return new(new CertificateSettings(_files.Write("cert.pem", server.ExportCertificatePem() + "\n" + _files.IssuerPem), key, ""));
    }

    private static async Task<string> SubjectAsync(IPEndPoint address)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address);
        await using var tls = new SslStream(client.GetStream(), false, (_, shown, _, _) => shown is not null);
        await tls.AuthenticateAsClientAsync("any");
        return tls.RemoteCertificate!.Subject;
    }

    private static Task<SampleBackend> OkAsync() => SampleBackend.StartAsync(async c =>
    {
        await c.Request.Body.CopyToAsync(Stream.Null);
        c.Response.ContentLength = 2;
        await c.Response.WriteAsync("ok");
    });
}
