using System.Net;
using System.Net.Http.Headers;
using System.Net.Quic;
using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Http2;
using ActorLb.Engine.Listeners;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Listeners that clients reach by HTTP/3 as well, by .NET's own client, which shows Alt-Svc without the day that it takes for granted.</summary>
public sealed class Http3Tests : IDisposable
{
    private readonly CertificateFiles _certificate = new();
    private readonly TestCertificates _files = new();

    private LaneOptions Options => new() { Tls = _certificate.Pem, Listener = l => l with { Http3 = new ListenerHttp3(0) }, Via = true };

    public void Dispose()
    {
        _certificate.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Answers_by_TCP_tell_of_it_where_this_machine_has_QUIC()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using HttpClient client = Client();

        foreach (Version version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using HttpResponseMessage answer = await AskAsync(client, lane, version);
            string? said = answer.Headers.NonValidated.TryGetValues("Alt-Svc", out HeaderStringValues values) ? values.ToString() : null;
            Assert.Equal(QuicSupport.IsThere ? $"h3=\":{lane.Endpoint.Port}\"" : null, said);
            Assert.Equal("a", await answer.Content.ReadAsStringAsync());
        }
    }

    [Http3Fact]
    public async Task The_port_that_clients_are_told_may_be_another_and_a_backend_says_it_itself_if_it_does()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(context =>
        {
            context.Response.Headers.AltSvc = context.Request.Path == "/own" ? "clear" : default;
            return Task.CompletedTask;
        });
        await using TestLane lane = await TestLane.StartAsync(Options with { Listener = l => l with { Http3 = new ListenerHttp3(443), Hsts = TimeSpan.FromHours(1) } }, backend.Address);

        Assert.Equal(["h3=\":443\""], await AltSvcAsync("/"));
        Assert.Equal(["clear"], await AltSvcAsync("/own"));
        await lane.ApplyAsync(l => l with { Http3 = null });
        Assert.Empty(await AltSvcAsync("/"));

        async Task<string[]> AltSvcAsync(string path)
        {
            using HttpClient client = Client();
            using HttpResponseMessage answer = await AskAsync(client, lane, HttpVersion.Version20, path);
            Assert.True(answer.Headers.Contains("Strict-Transport-Security"));
            return answer.Headers.NonValidated.TryGetValues("Alt-Svc", out HeaderStringValues values) ? [.. values] : [];
        }
    }

    [Http3Fact]
    public async Task A_session_lives_at_one_backend_whichever_protocol_its_client_comes_by()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(Options, a.Address, b.Address);
        using HttpClient client = Client();
        using HttpResponseMessage first = await AskAsync(client, lane, HttpVersion.Version30);
        string ticket = TestLane.TicketOf(first)!;
        string home = await first.Content.ReadAsStringAsync();

        foreach (Version version in (Version[])[HttpVersion.Version30, HttpVersion.Version11, HttpVersion.Version30, HttpVersion.Version20])
        {
            using HttpResponseMessage again = await AskAsync(client, lane, version, cookie: ticket);
            Assert.Equal(version, again.Version);
            Assert.Equal(home, await again.Content.ReadAsStringAsync());
        }

        SampleBackend its = home == "a" ? a : b;
        Assert.Equal(["3.0 actorlb", "3.0 actorlb", "1.1 actorlb", "3.0 actorlb", "2.0 actorlb"], its.Seen.Select(s => s["Via"]));
        Assert.All(its.Seen, s => Assert.Equal("https", s["X-Forwarded-Proto"]));
        Assert.All(its.Seen, s => Assert.Equal("127.0.0.1", s["X-Forwarded-For"]));
    }

    [Http3Fact]
    public async Task Bodies_pass_both_ways()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            await context.Response.Body.WriteAsync(body.ToArray());
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using HttpClient client = Client();
        byte[] sent = new byte[1_000_003];
        new Random(5).NextBytes(sent);

        using HttpResponseMessage answer = await client.SendAsync(Request(lane, HttpVersion.Version30, "/", HttpMethod.Post, new ByteArrayContent(sent)));

        Assert.Equal(sent, await answer.Content.ReadAsByteArrayAsync());
    }

    [Http3Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(200_000)]
    public async Task Trailers_come_behind_the_body(int length)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            string body = length == 0 ? "" : $"{length:x}\r\n{new string('x', length)}\r\n";
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n{body}0\r\nX-Sum: {length}\r\n\r\n");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using HttpClient client = Client();

        using HttpResponseMessage answer = await AskAsync(client, lane, HttpVersion.Version30);

        Assert.Equal(new string('x', length), await answer.Content.ReadAsStringAsync());
        Assert.Equal($"{length}", Assert.Single(answer.TrailingHeaders.GetValues("X-Sum")));
    }

    [Http3Fact]
    public async Task A_refusal_of_ours_says_why()
    {
        await using TestLane lane = await TestLane.StartAsync(Options with { Path = "/only" }, new Uri("http://127.0.0.1:1"));
        using HttpClient client = Client();

        using HttpResponseMessage answer = await AskAsync(client, lane, HttpVersion.Version30, "/other");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("no-route", TestLane.ReasonOf(answer));
    }

    [Http3Fact]
    public async Task A_connection_stays_when_its_listener_changes_and_nobody_new_comes_when_it_has_no_more_of_it()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using HttpClient client = Client();
        Assert.Equal("a", await TextAsync(client, lane));

        await lane.ApplyAsync(l => l with { Hsts = TimeSpan.FromHours(1) });
        Assert.Equal("a", await TextAsync(client, lane));
        Assert.Equal(1, lane.Plane.Connections.Listeners.Single().Value.Open);
        using HttpClient other = Client();
        using HttpResponseMessage changed = await AskAsync(other, lane, HttpVersion.Version30);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.True(changed.Headers.Contains("Strict-Transport-Security"));

        await lane.ApplyAsync(l => l with { Http3 = null });
        using HttpClient late = Client();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(late, lane, HttpVersion.Version30));
        await lane.ApplyAsync(l => l with { Http3 = new ListenerHttp3(0) });
        using HttpClient later = Client();
        Assert.Equal("a", await TextAsync(later, lane));
    }

    [Http3Fact]
    public async Task Its_connections_count_with_those_by_TCP()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options with { ConnectionsPerAddressMax = 1 }, backend.Address);
        using (HttpClient first = Client())
        {
            Assert.Equal("a", await TextAsync(first, lane));
            using HttpClient second = Client();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(second, lane, HttpVersion.Version30));
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(second, lane, HttpVersion.Version11));
        }

        await TestLane.UntilAsync(() => lane.Plane.Connections.Listeners.Single().Value.Open == 0);
        using HttpClient third = Client();
        Assert.Equal("a", await TextAsync(third, lane));
    }

    [Http3Fact]
    public async Task Backends_hear_of_a_clients_certificate_and_who_has_none_does_not_come_in()
    {
        ListenerTlsSettings tls = _certificate.Pem with { ClientCertificate = ClientCertificateUse.Required, ClientRoots = _files.Write("roots.pem", _files.RootPem + "\n" + _files.IssuerPem) };
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(Options with { Tls = tls }, backend.Address);
        using X509Certificate2 own = _files.Leaf("CN=alice", 30, new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using HttpClient known = Client(own);
        using HttpClient unknown = Client();

        Assert.Equal("a", await TextAsync(known, lane));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(unknown, lane, HttpVersion.Version30));
        Assert.StartsWith(":", Assert.Single(backend.Seen)["Client-Cert"], StringComparison.Ordinal);
    }

    [SupportedOSPlatform("linux"), SupportedOSPlatform("macos"), SupportedOSPlatform("windows")]
    [Http3Fact]
    public async Task Who_floods_it_with_requests_that_he_resets_is_turned_out()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        await using QuicConnection connection = await QuicConnection.ConnectAsync(new QuicClientConnectionOptions
        {
            RemoteEndPoint = lane.Endpoint,
            DefaultCloseErrorCode = 0x100,
            DefaultStreamErrorCode = 0x10c,
            MaxInboundUnidirectionalStreams = 10,
            ClientAuthenticationOptions = new SslClientAuthenticationOptions
            {
                ApplicationProtocols = [SslApplicationProtocol.Http3],
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            },
        });

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        // HEADERS with GET / of https://x by QPACK's static table, and a literal authority (RFC 9204, Appendix A).
        byte[] request = [0x01, 0x08, 0x00, 0x00, 0xd1, 0xd7, 0xc1, 0x50, 0x01, (byte)'x'];
        await Assert.ThrowsAnyAsync<QuicException>(async () =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                QuicStream stream = await connection.OpenOutboundStreamAsync(QuicStreamType.Bidirectional, limit.Token);
                await stream.WriteAsync(request, limit.Token);
                stream.Abort(QuicAbortDirection.Both, 0x10c);
                await stream.DisposeAsync();
            }
        });

        Assert.Equal(1, lane.Plane.Floods[FloodKind.Resets]);
    }

    [Http3Fact]
    public async Task A_request_in_flight_is_answered_when_the_node_stops()
    {
        var asked = new TaskCompletionSource();
        var goesOn = new TaskCompletionSource();
        await using SampleBackend backend = await SampleBackend.StartAsync(async context =>
        {
            asked.SetResult();
            await goesOn.Task;
            await context.Response.WriteAsync("late");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using HttpClient client = Client();
        Task<string> answer = TextAsync(client, lane);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Task stopping = lane.Lane.StopAsync(CancellationToken.None);
        goesOn.SetResult();

        Assert.Equal("late", await answer);
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static HttpClient Client(X509Certificate2? own = null)
    {
        SocketsHttpHandler handler = TestLane.Handler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null;
        handler.SslOptions.ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, null, offline: true);

        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(60) };
    }

    private static HttpRequestMessage Request(TestLane lane, Version version, string path, HttpMethod method, HttpContent? content = null) =>
        new(method, new Uri($"https://{lane.Endpoint}{path}"))
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };

    private static Task<HttpResponseMessage> AskAsync(HttpClient client, TestLane lane, Version version, string path = "/", string? cookie = null)
    {
        HttpRequestMessage request = Request(lane, version, path, HttpMethod.Get);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return client.SendAsync(request);
    }

    private static async Task<string> TextAsync(HttpClient client, TestLane lane)
    {
        using HttpResponseMessage answer = await AskAsync(client, lane, HttpVersion.Version30);
        return await answer.Content.ReadAsStringAsync();
    }
}
