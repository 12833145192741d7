using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Health;
using ActorLb.Node.Health;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Health;

/// <summary>The real probes against real sockets on loopback.</summary>
public sealed class ProbeTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, LoopbackPorts.Free("127.0.0.1", 1)[0]);
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
            Assert.Equal(passes ? $"{status}" : $"GET /healthz: {status}, expected 200-299", result.Detail);
        }
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        (ProbeResult result, _) = await ProbeAsync(
            Pools.Health, $"HTTP/1.1 302 Found\r\nLocation: {Address}\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(new ProbeResult(Passed: false, $"GET /healthz: 302 to {Address}, expected 200-299"), result);
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
    [InlineData(ProbeExchange.BodyBytesMax - 4, true)]
    [InlineData(ProbeExchange.BodyBytesMax - 3, false)]
    public async Task The_text_must_be_within_the_first_64_KiB_of_the_body(int before, bool passes)
    {
        string body = new string('x', before) + "good" + new string('x', 100_000);
        (ProbeResult result, _) = await ProbeAsync(
            Pools.Health with { BodyContains = "good" }, $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Equal(passes ? new ProbeResult(Passed: true, "200") : new ProbeResult(Passed: false, "GET /healthz: 200, the body's first 64 KiB do not hold the expected text"), result);
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
        Assert.Equal(new ProbeResult(Passed: false, "GET /healthz: the status line is not version, three digits and a reason"), result);
    }

    [Fact]
    public async Task A_closed_connection_and_a_refused_one_are_told_apart()
    {
        using var http = Http(Pools.Health);
        Task<ProbeResult> running = http.ProbeAsync(_bound.Token);
        using (Socket socket = await _listener.AcceptSocketAsync(_bound.Token))
        {
            await socket.ReceiveAsync(new byte[8192], _bound.Token);
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(new ProbeResult(Passed: false, "GET /healthz: connection closed"), await running);
        }

        _listener.Stop();
        Assert.Equal(new ProbeResult(Passed: false, "connection refused") { CouldNotConnect = true }, await http.ProbeAsync(_bound.Token));
        using var tcp = new TcpProbe(Target(Address));
        Assert.Equal(new ProbeResult(Passed: false, "connection refused") { CouldNotConnect = true }, await tcp.ProbeAsync(_bound.Token));
    }

    [Fact]
    public async Task A_TCP_probe_passes_where_somebody_listens()
    {
        using IProbe probe = Probes.Of(Pools.Health with { Probe = ProbeKind.Tcp }, Target(Address), "http");
        Assert.Equal(new ProbeResult(Passed: true, "connected"), await probe.ProbeAsync(_bound.Token));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_does_not_pass()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var probe = new HttpProbe(Pools.Health, Target(new Uri($"https://127.0.0.1:{Address.Port}")), "http");
        Task<ProbeResult> running = probe.ProbeAsync(_bound.Token);
        using Socket socket = await _listener.AcceptSocketAsync(_bound.Token);
        await using var tls = new SslStream(new NetworkStream(socket));
        Task serving = tls.AuthenticateAsServerAsync(certificate);
        Assert.Equal(
            new ProbeResult(Passed: false, "certificate refused: its root 127.0.0.1 is not trusted"), await running);
        await Task.WhenAny(serving);
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_named_so()
    {
        using var probe = new HttpProbe(Pools.Health, Target(new Uri("http://no-such-host.invalid:1")), "http");
        Assert.Equal(new ProbeResult(Passed: false, "host not found") { CouldNotConnect = true }, await probe.ProbeAsync(_bound.Token));
    }

    [Fact]
    public async Task A_probe_that_is_given_up_says_so_by_cancellation()
    {
        using var given = new CancellationTokenSource();
        using var probe = Http(Pools.Health);
        Task<ProbeResult> running = probe.ProbeAsync(given.Token);
        using Socket connection = await _listener.AcceptSocketAsync(_bound.Token);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Every_probe_takes_a_fresh_connection()
    {
        using var probe = Http(Pools.Health);
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

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task A_probe_says_the_scheme_that_clients_use_and_fields_of_the_operator_replace_its_own(string scheme)
    {
        (_, string plain) = await ProbeAsync(Pools.Health, Good, scheme: scheme);
        Assert.Contains($"\r\nX-Forwarded-Proto: {scheme}\r\n", plain, StringComparison.Ordinal);
        (_, string own) = await ProbeAsync(
            Pools.Health with { Headers = [new("x-forwarded-proto", "wss"), new("Authorization", "Bearer x"), new("User-Agent", "")] }, Good, scheme: scheme);
        Assert.EndsWith("\r\nx-forwarded-proto: wss\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n", own, StringComparison.Ordinal);
        Assert.DoesNotContain("User-Agent", own, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Forwarded-Proto", own, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_of_its_own_is_probed_instead_of_the_backends()
    {
        using var probe = new HttpProbe(Pools.Health, Target(new Uri("http://127.0.0.1:1"), Address.Port), "http");
        Task<ProbeResult> running = probe.ProbeAsync(_bound.Token);
        string request = await AnswerAsync(Good, running, keepOpen: false);
        Assert.True((await running).Passed);
        Assert.Contains("\r\nHost: 127.0.0.1:1\r\n", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "GET /healthz: Content-Length stands beside Transfer-Encoding")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ngo", "GET /healthz: 200, the answer ends within its body")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "GET /healthz: 200, a chunk's size is not hexadecimal digits alone")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ngoxx", "GET /healthz: 200, no CRLF stands after a chunk's data")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "GET /healthz: the answer ends within its head")]
    [InlineData("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "GET /healthz: the backend switches protocols unasked")]
    public async Task An_answer_that_the_lanes_would_refuse_does_not_pass(string answer, string detail)
    {
        (ProbeResult result, _) = await ProbeAsync(Pools.Health with { BodyContains = "good" }, answer);
        Assert.Equal(new ProbeResult(Passed: false, detail), result);
    }

    [Fact]
    public async Task Interim_answers_without_end_are_given_up()
    {
        (ProbeResult result, _) = await ProbeAsync(
            Pools.Health, string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 50_000)), keepOpen: true);
        Assert.Equal(new ProbeResult(Passed: false, "GET /healthz: more than 16 interim answers"), result);
    }

    [Fact]
    public async Task Fields_without_end_are_given_up()
    {
        (ProbeResult result, _) = await ProbeAsync(
            Pools.Health, "HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 50_000)), keepOpen: true);
        Assert.Equal(new ProbeResult(Passed: false, "GET /healthz: there are more fields than allowed"), result);
    }

    [Theory]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n5\r\n good\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nall good")]
    public async Task A_text_is_found_however_the_body_is_framed(string answer)
    {
        (ProbeResult result, _) = await ProbeAsync(Pools.Health with { BodyContains = "all good" }, answer);
        Assert.Equal(new ProbeResult(Passed: true, "200"), result);
    }

    private const string Good = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private static ProbeTarget Target(Uri backend, int port = 0) => new(backend, port, new BackendAddresses(), new BackendTls(BackendTlsSettings.Default, TimeProvider.System));

    private HttpProbe Http(HealthSettings settings, string scheme = "http") => new(settings, Target(Address), scheme);

    private async Task<(ProbeResult Result, string Request)> ProbeAsync(HealthSettings settings, string answer, bool keepOpen = false, string scheme = "http")
    {
        using var probe = Http(settings, scheme);
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
