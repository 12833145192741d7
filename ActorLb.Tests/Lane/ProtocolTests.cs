using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class ProtocolTests
{
    private static readonly (string Name, string Value)[] WebSocket =
        [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", "/"), (":authority", "x"), ("sec-websocket-version", "13")];

    [Fact]
    public async Task A_head_request_keeps_the_length_and_has_no_body()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(c =>
        {
            c.Response.ContentLength = 1234;
            return Task.CompletedTask;
        });
        await using TestLane lane = await TestLane.StartAsync(a.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Head, "/");

        Assert.Equal(1234, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.NotNull(TestLane.TicketOf(response));
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204)]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\n", 304)]
    [InlineData("HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", 205)]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 201)]
    [InlineData("HTTP/1.1 299 Odd Reason\r\nContent-Length: 0\r\n\r\n", 299)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n", 200)]
    public async Task An_answer_without_a_body_ends_with_its_head(string answer, int status)
    {
        await using var backend = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
            {
                await connection.WriteAsync(answer);
                if (answer.StartsWith("HTTP/1.0", StringComparison.Ordinal))
                {
                    return;
                }
            }
        });
        await using TestLane lane = await TestLane.StartAsync(backend.Address);

        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task An_answer_that_ends_with_its_connection_arrives_whole()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\n\r\nuntil the end");
        });
        await using TestLane lane = await TestLane.StartAsync(backend.Address);

        Assert.Equal("until the end", await lane.GetAsync());
    }

    [Fact]
    public async Task An_http_1_0_client_is_served_and_its_connection_closed()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(a.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.EndsWith("a", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("2.0", false)]
    [InlineData("2.0", true)]
    public async Task A_tls_listener_speaks_http_1_1_and_2_and_says_https(string version, bool pem)
    {
        using var files = new CertificateFiles();
        await using SampleBackend a = await SampleBackend.StartAsync(c => c.Request.Body.CopyToAsync(c.Response.Body));
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = pem ? files.Pem : files.Pfx }, a.Address);
        using HttpClient client = Trusting(version);

        using HttpResponseMessage response = await client.PostAsync($"https://{lane.Endpoint}/x?y", new StringContent("secret"));

        Assert.Equal(Version.Parse(version), response.Version);
        Assert.Equal("secret", await response.Content.ReadAsStringAsync());
        SeenRequest seen = Assert.Single(a.Seen);
        Assert.Equal("https", seen["X-Forwarded-Proto"]);
        Assert.Equal(lane.Endpoint.ToString(), seen["Host"]);
        Assert.Equal("/x?y", seen.Target);
        Assert.Contains("Secure", response.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Trailers_reach_an_http_2_client(bool logged)
    {
        using var files = new CertificateFiles();
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 42\r\n\r\n");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = files.Pfx, AccessLog = logged ? AccessLogTests.Json : AccessLogSettings.Off }, backend.Address);
        using HttpClient client = Trusting("2.0");

        using HttpResponseMessage response = await client.GetAsync($"https://{lane.Endpoint}/");

        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
        Assert.Equal("42", response.TrailingHeaders.GetValues("X-Sum").Single());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_streams_of_one_http_2_connection_are_balanced_one_by_one(bool logged)
    {
        using var files = new CertificateFiles();
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Sticky = false, Tls = files.Pfx, AccessLog = logged ? AccessLogTests.Json : AccessLogSettings.Off }, a.Address, b.Address);
        using HttpClient client = Trusting("2.0");

        string[] names = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => client.GetStringAsync($"https://{lane.Endpoint}/")));

        Assert.Equal(20, names.Count(n => n == "a"));
        Assert.Equal(20, names.Count(n => n == "b"));
    }

    [Fact]
    public async Task A_failure_is_named_on_http_2_too()
    {
        using var files = new CertificateFiles();
        (Uri refusing, var owner) = NoBackend.Refusing();
        using var _ = owner;
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = files.Pfx }, refusing);
        using HttpClient client = Trusting("2.0");

        using HttpResponseMessage response = await client.PostAsync($"https://{lane.Endpoint}/", new StringContent("body"));

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("backend-connect-failed", TestLane.ReasonOf(response));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_web_socket_over_http_2_reaches_an_http_1_1_backend(bool logged)
    {
        using var files = new CertificateFiles();
        await using SampleBackend a = await WebSocketTests.EchoAsync("a");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = files.Pfx, AccessLog = logged ? AccessLogTests.Json : AccessLogSettings.Off }, a.Address);
        using HttpClient client = Trusting("2.0");
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.CollectHttpResponseDetails = true;

        await socket.ConnectAsync(new Uri($"wss://{lane.Endpoint}/echo"), client, CancellationToken.None);

        Assert.Equal("a:one", await WebSocketTests.EchoAsync(socket, "one"));
        Assert.Contains(socket.HttpResponseHeaders!["Set-Cookie"], c => c.StartsWith("ALB=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ticket_in_a_header_is_told_and_taken_over_http_2()
    {
        using var files = new CertificateFiles();
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = files.Pfx, Affinity = AffinityMode.Header }, a.Address, b.Address);
        using HttpClient client = Trusting("2.0");
        using HttpResponseMessage first = await client.GetAsync($"https://{lane.Endpoint}/");

        for (int i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{lane.Endpoint}/") { Version = HttpVersion.Version20 };
            request.Headers.Add("X-Session", first.Headers.GetValues("X-Session"));
            using HttpResponseMessage again = await client.SendAsync(request);
            Assert.Equal("a", await again.Content.ReadAsStringAsync());
            Assert.False(again.Headers.Contains("X-Session"));
        }

        Assert.Equal("private", first.Headers.CacheControl!.ToString());
        Assert.DoesNotContain(a.Seen, r => r.Headers.ContainsKey("X-Session"));
    }

    [Theory]
    [InlineData("authorization", "NTLM abc")]
    [InlineData("authorization", "Negotiate abc")]
    [InlineData("x-none", "")]
    public async Task Authentication_of_a_connection_sends_an_http_2_client_to_http_1_1(string field, string value)
    {
        const int Http11Required = 0xd;
        using var files = new CertificateFiles();
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n");
        });
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = files.Pfx }, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);

        Http2Answer answer = await client.ExchangeAsync([(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "x"), (field, value)]);

        Assert.Equal((0, Http11Required), (answer.Status, answer.ResetCode));
        Assert.Equal(value.Length > 0 ? 0 : 1, backend.Requests);
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n", "backend-bad-response")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "backend-bad-response")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "upgrade-refused")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "upgrade-refused")]
    public async Task A_backend_that_does_not_accept_a_web_socket_of_http_2_opens_none(string said, string reason)
    {
        using var files = new CertificateFiles();
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(said);
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = files.Pfx }, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);

        Http2Answer answer = await client.ReadAnswerAsync(await client.SendHeadAsync(WebSocket, ends: false));

        Assert.Equal(502, answer.Status);
        Assert.Contains(reason, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backend_that_knows_no_web_socket_has_not_failed()
    {
        using var files = new CertificateFiles();
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = files.Pfx, PassiveFailures = 1 }, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
        for (int i = 1; i <= 3; i++)
        {
            Http2Answer answer = await client.ReadAnswerAsync(await client.SendHeadAsync(WebSocket, ends: false));
            Assert.Equal((502, i), (answer.Status, backend.Requests));
        }

        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Theory]
    [InlineData(200, "ok", 501, "upgrade-unserved")]
    [InlineData(204, "", 501, "upgrade-unserved")]
    [InlineData(410, "gone", 410, "gone")]
    public async Task A_route_that_answers_itself_opens_no_tunnel(int status, string body, int answered, string said)
    {
        using var files = new CertificateFiles();
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            new LaneOptions { Tls = files.Pfx, Conditions = r => r with { Filters = RouteFilterSettings.None with { Respond = new RespondSettings(status, body, "") } } }, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);

        Http2Answer answer = await client.ReadAnswerAsync(await client.SendHeadAsync(WebSocket, ends: false));

        Assert.Equal(answered, answer.Status);
        Assert.Contains(said, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_tunnel_is_no_call_of_gRPC_whatever_it_says_of_its_type()
    {
        using var files = new CertificateFiles();
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = files.Pfx, Path = "/none" }, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);

        Http2Answer answer = await client.ReadAnswerAsync(await client.SendHeadAsync([.. WebSocket, ("content-type", "application/grpc")], ends: false));

        Assert.Equal(404, answer.Status);
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", "part")]
    public async Task A_backend_that_breaks_off_has_said_its_head_to_an_http_2_client(string said, string atMost)
    {
        using var files = new CertificateFiles();
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\n" + said);
        });
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = files.Pfx }, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);

        for (int i = 0; i < 16; i++)
        {
            Http2Answer answer = await client.ExchangeAsync([(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "x")]);
            Assert.Equal((200, false), (answer.Status, answer.IsWhole));
            Assert.StartsWith(answer.Body, atMost, StringComparison.Ordinal);
            Assert.NotNull(answer.ResetCode);
        }
    }

    internal static HttpClient Trusting(string version)
    {
        SocketsHttpHandler handler = TestLane.Handler();
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost",
        };
        return new HttpClient(handler)
        {
            DefaultRequestVersion = Version.Parse(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }
}
