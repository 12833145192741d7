using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorLb.Node.Health;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Health;

/// <summary>The real probes against real sockets on loopback.</summary>
public sealed class ProbeTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _bound = new(TimeSpan.FromSeconds(30));

    public ProbeTests() => _listener.Start();

    private Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    [Theory]
    [InlineData(200, true)]
    [InlineData(299, true)]
    [InlineData(300, false)]
    [InlineData(199, false)]
    [InlineData(503, false)]
    public async Task The_status_must_be_one_of_the_expected(int status, bool passes)
    {
        (ProbeResult result, _) = await ProbeAsync(Pools.Health, $"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(passes, result.Passed);
        if (status >= 200)
        {
            Assert.Equal($"{status}", result.Detail);
        }
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        (ProbeResult result, _) = await ProbeAsync(
            Pools.Health, $"HTTP/1.1 302 Found\r\nLocation: {Address}\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(new ProbeResult(Passed: false, "302"), result);
    }

    [Fact]
    public async Task The_request_names_path_and_host_and_closes_its_connection()
    {
        HealthSettings settings = Pools.Health with { Path = "/health?full=1", HostHeader = "www.example.org" };
        (_, string request) = await ProbeAsync(settings, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        Assert.StartsWith("GET /health?full=1 HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nHost: www.example.org\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("traceparent", request, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(HttpProbe.BodyBytesMax - 4, true)]
    [InlineData(HttpProbe.BodyBytesMax - 3, false)]
    public async Task The_text_must_be_within_the_first_64_KiB_of_the_body(int before, bool passes)
    {
        string body = new string('x', before) + "good" + new string('x', 100_000);
        (ProbeResult result, _) = await ProbeAsync(
            Pools.Health with { BodyContains = "good" }, $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Equal(passes ? new ProbeResult(Passed: true, "200") : new ProbeResult(Passed: false, "200, text not found"), result);
    }

    [Fact]
    public async Task The_text_is_found_without_waiting_for_the_end_of_the_body()
    {
        // The body is announced longer than it ever becomes.
        (ProbeResult result, _) = await ProbeAsync(
            Pools.Health with { BodyContains = "goöd" }, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nall goöd", keepOpen: true);
        Assert.True(result.Passed);
    }

    [Fact]
    public async Task What_is_not_HTTP_does_not_pass()
    {
        (ProbeResult result, _) = await ProbeAsync(Pools.Health, "SSH-2.0-OpenSSH_9.2\r\n");
        Assert.Equal(new ProbeResult(Passed: false, "not an HTTP answer"), result);
    }

    [Fact]
    public async Task A_closed_connection_and_a_refused_one_are_told_apart()
    {
        using var http = new HttpProbe(Pools.Health, Address);
        Task<ProbeResult> running = http.ProbeAsync(_bound.Token);
        while (!running.IsCompleted)
        {
            // The handler tries again where not a single byte came back.
            Task<Socket> accepting = _listener.AcceptSocketAsync(_bound.Token).AsTask();
            if (await Task.WhenAny(accepting, running) == accepting)
            {
                using Socket socket = await accepting;
                await socket.ReceiveAsync(new byte[8192], _bound.Token);
                socket.Shutdown(SocketShutdown.Send);
            }
        }

        Assert.Equal(new ProbeResult(Passed: false, "connection closed"), await running);

        _listener.Stop();
        Assert.Equal(new ProbeResult(Passed: false, "connection refused"), await http.ProbeAsync(_bound.Token));
        using var tcp = new TcpProbe(Address);
        Assert.Equal(new ProbeResult(Passed: false, "connection refused"), await tcp.ProbeAsync(_bound.Token));
    }

    [Fact]
    public async Task A_TCP_probe_passes_where_somebody_listens()
    {
        using IProbe probe = Probes.Of(
            Pools.Web("a") with { Health = Pools.Health with { Probe = ProbeKind.Tcp } }, new BackendSettings("a", Address, 1));
        Assert.Equal(new ProbeResult(Passed: true, "connected"), await probe.ProbeAsync(_bound.Token));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_does_not_pass()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var probe = new HttpProbe(Pools.Health, new Uri($"https://127.0.0.1:{Address.Port}"));
        Task<ProbeResult> running = probe.ProbeAsync(_bound.Token);
        using Socket socket = await _listener.AcceptSocketAsync(_bound.Token);
        await using var tls = new SslStream(new NetworkStream(socket));
        Task serving = tls.AuthenticateAsServerAsync(certificate);
        Assert.Equal(new ProbeResult(Passed: false, "certificate refused"), await running);
        await Task.WhenAny(serving);
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_named_so()
    {
        using var probe = new HttpProbe(Pools.Health, new Uri("http://no-such-host.invalid:1"));
        Assert.Equal(new ProbeResult(Passed: false, "host not found"), await probe.ProbeAsync(_bound.Token));
    }

    [Fact]
    public async Task A_probe_that_is_given_up_says_so_by_cancellation()
    {
        using var given = new CancellationTokenSource();
        using var probe = new HttpProbe(Pools.Health, Address);
        Task<ProbeResult> running = probe.ProbeAsync(given.Token);
        using Socket connection = await _listener.AcceptSocketAsync(_bound.Token);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Every_probe_takes_a_fresh_connection()
    {
        using var probe = new HttpProbe(Pools.Health, Address);
        for (int i = 0; i < 3; i++)
        {
            Task<ProbeResult> running = probe.ProbeAsync(_bound.Token);
            await AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", running, keepOpen: true);
            Assert.True((await running).Passed);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _bound.Dispose();
    }

    private async Task<(ProbeResult Result, string Request)> ProbeAsync(HealthSettings settings, string answer, bool keepOpen = false)
    {
        using var probe = new HttpProbe(settings, Address);
        Task<ProbeResult> running = probe.ProbeAsync(_bound.Token);
        string request = await AnswerAsync(answer, running, keepOpen);
        return (await running, request);
    }

    private async Task<string> AnswerAsync(string answer, Task running, bool keepOpen)
    {
        using Socket socket = await _listener.AcceptSocketAsync(_bound.Token);
        byte[] buffer = new byte[8192];
        int read = 0;
        while (!Encoding.ASCII.GetString(buffer, 0, read).Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            read += await socket.ReceiveAsync(buffer.AsMemory(read), _bound.Token);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(answer);
        try
        {
            for (int sent = 0; sent < bytes.Length;)
            {
                sent += await socket.SendAsync(bytes.AsMemory(sent), _bound.Token);
            }

            if (!keepOpen)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // The probe has seen enough and hung up.
        }

        await Task.WhenAny(running);
        return Encoding.ASCII.GetString(buffer, 0, read);
    }
}
