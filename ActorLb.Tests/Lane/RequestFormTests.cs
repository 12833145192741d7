using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What is a request and what is none: one table for whoever reads it, with or without TLS.</summary>
public abstract class RequestFormTests(ListenerEngine engine, bool tls) : IDisposable
{
    private const int HeaderBytesMax = 32_768;

    private readonly CertificateFiles _files = new();

    private LaneOptions Options => new() { Engine = engine, Tls = tls ? _files.Pem : null };

    public void Dispose()
    {
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    public static TheoryData<string> Hosts() => new()
    {
        "h", "H.Example", "h:80", "h:", "h:65535", "h.", "h.:80", "h.i", "", "~", "h!i", "h&i", "h,i", "h;i", "h*i", "h_i", "[::1]", "[::1]:8080",
        new string('h', 256),
    };

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_host_reaches_the_backend_once_and_as_it_is(string host)
    {
        string head = await ForwardedAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        string line = Assert.Single(Lines(head), l => l.StartsWith("Host:", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(host.Length == 0 ? "Host:" : $"Host: {host}", line);
    }

    [Theory]
    [InlineData("h:65536")]
    [InlineData("h:99999")]
    [InlineData("h:1a")]
    [InlineData(":80")]
    [InlineData("[1::2::3]")]
    [InlineData("[::1")]
    [InlineData("[v1.a]")]
    [InlineData("::1")]
    [InlineData("user@h")]
    [InlineData("user:word@h")]
    [InlineData("h/i")]
    [InlineData("h i")]
    [InlineData("h%4")]
    [InlineData("name%2etest")]
    [InlineData("%6eame.test:80")]
    [InlineData("name.test..")]
    [InlineData("name..test")]
    [InlineData(".name.test")]
    [InlineData(".")]
    [InlineData("..:80")]
    [InlineData("h%zz")]
    [InlineData("h?i")]
    [InlineData("h\\i")]
    [InlineData("\u00e4")]
    public Task A_host_that_is_none_is_refused(string host) =>
        RefusedAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", 400, "bad-request", "Host is not a host with perhaps a port");

    [Theory]
    [InlineData("GET http://h/p?q HTTP/1.1\r\nHost: h", "GET /p?q HTTP/1.1", "h")]
    [InlineData("GET HTTP://H/p HTTP/1.1\r\nHost: h", "GET /p HTTP/1.1", "H")]
    [InlineData("GET http://h:80/ HTTP/1.1\r\nHost: h", "GET / HTTP/1.1", "h:80")]
    [InlineData("GET http://h HTTP/1.1\r\nHost: h", "GET / HTTP/1.1", "h")]
    [InlineData("GET http://h?q HTTP/1.1\r\nHost: h", "GET /?q HTTP/1.1", "h")]
    [InlineData("OPTIONS http://h HTTP/1.1\r\nHost: h", "OPTIONS * HTTP/1.1", "h")]
    [InlineData("GET http://h/p HTTP/1.0", "GET /p HTTP/1.1", "h")]
    [InlineData("GET /%00 HTTP/1.1\r\nHost: h", "GET /%00 HTTP/1.1", "h")]
    [InlineData("GET /a%zz%2f//../b HTTP/1.1\r\nHost: h", "GET /a%zz%2f//../b HTTP/1.1", "h")]
    [InlineData("FANCY-1 / HTTP/1.1\r\nHost: h", "FANCY-1 / HTTP/1.1", "h")]
    [InlineData("\r\nGET / HTTP/1.1\r\nHost: h", "GET / HTTP/1.1", "h")]
    [InlineData("GET / HTTP/1.1\r\nHost:h \t", "GET / HTTP/1.1", "h")]
    public async Task A_target_reaches_the_backend_in_its_plain_form(string request, string line, string host)
    {
        string[] lines = Lines(await ForwardedAsync($"{request}\r\nConnection: close\r\n\r\n"));

        Assert.Equal(line, lines[0]);
        Assert.Equal([$"Host: {host}"], lines.Where(l => l.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_that_names_no_host_means_the_backend()
    {
        string head = await ForwardedAsync("GET / HTTP/1.0\r\n\r\n");

        Assert.Matches(@"^Host: 127\.0\.0\.1:\d+$", Assert.Single(Lines(head), l => l.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("Connection: close, X-Mine\r\nX-Mine: 1")]
    [InlineData("Connection: X-Mine, close\r\nX-Mine: 1")]
    [InlineData("Connection: close\r\nConnection: x-mine\r\nX-Mine: 1")]
    [InlineData("Connection: keep-alive, X-Mine,\r\nX-Mine: 1")]
    public async Task What_Connection_names_goes_no_further(string fields) =>
        Assert.DoesNotContain("X-Mine", await ForwardedAsync($"GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n\r\n"), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public async Task HTTP_1_0_asks_for_no_upgrade() =>
        Assert.DoesNotContain("Upgrade", await ForwardedAsync("GET / HTTP/1.0\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), StringComparison.OrdinalIgnoreCase);

    public static TheoryData<string, int, string, string> Refusals() => new()
    {
        { "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 501, "target-unsupported", "neither http nor https" },
        { "GET z HTTP/1.1\r\nHost: h\r\n\r\n", 400, "bad-request", "none of the forms" },
        { "GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400, "bad-request", "none of the forms" },
        { "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 405, "method-not-allowed", "only OPTIONS" },
        { "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n", 501, "method-unsupported", "CONNECT" },
        { "GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, "bad-request", "more than host and port" },
        { "GET http:///p HTTP/1.1\r\nHost: h\r\n\r\n", 400, "bad-request", "none of the forms" },
        { "GET http://h:99999/ HTTP/1.1\r\nHost: h:99999\r\n\r\n", 400, "bad-request", "" },
        { "GET http://name%2etest/ HTTP/1.1\r\nHost: name%2etest\r\n\r\n", 400, "bad-request", "" },
        { "GET http://name.test../ HTTP/1.1\r\nHost: name.test..\r\n\r\n", 400, "bad-request", "" },
        { "GET http://i/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, "bad-request", "another authority" },
        { "GET /# HTTP/1.1\r\nHost: h\r\n\r\n", 400, "bad-target", "fragment" },
        { "GET /\u007f HTTP/1.1\r\nHost: h\r\n\r\n", 400, "bad-target", "control" },
        { "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400, "bad-request", "space" },
        { "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400, "bad-request", "" },
        { "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505, "http-version-unsupported", "" },
        { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http-version-unsupported", "" },
        { "GET /\r\n\r\n", 400, "bad-request", "no version" },
        { "G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "bad-request", "no token" },
        { "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", 400, "bad-request", "no token" },
        { "GET / HTTP/1.1\nHost: h\n\n", 400, "bad-request", "LF stands without CR" },
        { "GET / HTTP/1.1\r\nHost: h\n\r\n", 400, "bad-request", "LF stands without CR" },
        { "GET / HTTP/1.1\r\nHost: h\r\nX: a\nY: b\r\n\r\n", 400, "bad-request", "LF stands without CR" },
        { "GET / HTTP/1.1\r\nHost: h\r\nX: a\rY: b\r\n\r\n", 400, "bad-request", "CR stands without LF" },
        { "GET / HTTP/1.1\r\nHost: h\r\nX: a\u0001b\r\n\r\n", 400, "bad-request", "control" },
        { "GET / HTTP/1.1\r\nHost: h\r\nX: a\u007fb\r\n\r\n", 400, "bad-request", "control" },
        { "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400, "bad-request", "goes on in the next line" },
        { "GET / HTTP/1.1\r\n X: a\r\nHost: h\r\n\r\n", 400, "bad-request", "begins with whitespace" },
        { "GET / HTTP/1.1\r\nHost: h\r\nX(: a\r\n\r\n", 400, "bad-request", "name is no token" },
        { "GET / HTTP/1.1\r\nHost: h\r\nX : a\r\n\r\n", 400, "bad-request", "between a field's name and its colon" },
        { "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400, "bad-request", "" },
        { "GET / HTTP/1.1\r\n\r\n", 400, "bad-request", "asks for a Host" },
        { "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400, "bad-request", "more than one Host" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nhello", 400, "bad-request", "more than digits" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -0\r\n\r\n", 400, "bad-request", "more than digits" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\nhello", 400, "bad-request", "more than digits" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400, "bad-request", "more than once" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775808\r\n\r\n", 400, "bad-request", "63 bits" },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "ambiguous-length", "" },
        { "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "ambiguous-length", "" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 400, "bad-request", "not chunked" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, "transfer-coding-unsupported", "" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\n", 400, "bad-request", "63 bits or 16 digits" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n", 400, "bad-request", "" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: a\u0000b\r\n\r\n", 400, "bad-request", "control" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: a\r\n b\r\n\r\n", 400, "bad-request", "next line" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: a\r\n\r\n", 400, "bad-request", "trailer" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;=\r\na\r\n0\r\n\r\n", 400, "bad-request", "extension" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n", 400, "bad-request", "" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" + new string('x', 300) + "\r\n", 400, "bad-request", "longer than allowed" },
        { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + new string('x', HeaderBytesMax) + "\r\n\r\n", 431, "headers-too-large", "" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public Task What_is_no_request_is_refused_by_name(string request, int status, string reason, string text) =>
        RefusedAsync(request, status, reason, text);

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Fields_may_be_as_large_as_the_limit(int more)
    {
        const string Others = "Host: h\r\nConnection: close\r\nX: \r\n\r\n";
        string request = $"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: {new string('x', HeaderBytesMax - Others.Length + more)}\r\n\r\n";
        if (more > 0)
        {
            await RefusedAsync(request, 431, "headers-too-large", "");
        }
        else
        {
            await ForwardedAsync(request);
        }
    }

    private static string[] Lines(string head) => head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The head that the backend got of a request that is answered.</summary>
    private async Task<string> ForwardedAsync(string request)
    {
        string? head = null;
        await using var backend = new RawBackend(async connection =>
        {
            head = await connection.ReadHeadAsync();
            await connection.AnswerAsync("ok");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint, tls);
        await client.SendAsync(request);

        (string answer, string body) = await client.ReadAnswerAsync();

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Equal("ok", body);
        Assert.Equal(1, backend.Requests);
        return head!;
    }

    private async Task RefusedAsync(string request, int status, string reason, string text)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, request + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n", tls);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nX-ActorLb-Reason: {reason}\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\n\r\n{status} {reason}: ", answer, StringComparison.Ordinal);
        Assert.Contains(text, answer, StringComparison.Ordinal);
        Assert.EndsWith("\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 ", answer[1..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }
}
