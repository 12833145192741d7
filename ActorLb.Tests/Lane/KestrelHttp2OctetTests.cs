using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>The same for HTTP/2, whose fields may hold any octet: only who writes HTTP/1.1 of them can see to what they become.</summary>
public sealed class KestrelHttp2OctetTests : IDisposable
{
    private readonly CertificateFiles _certificate = new();

    private LaneOptions Tls => new() { Sticky = false, Tls = _certificate.Pfx };

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData("A{0}B", "/t", "host.example", "https", "x-name", "v")]
    [InlineData("GET", "/a{0}b", "host.example", "https", "x-name", "v")]
    [InlineData("GET", "{0}", "host.example", "https", "x-name", "v")]
    [InlineData("GET", "/t", "a{0}b", "https", "x-name", "v")]
    [InlineData("GET", "/t", "host.example", "htt{0}ps", "x-name", "v")]
    [InlineData("GET", "/t", "host.example", "https", "x-a{0}b", "v")]
    [InlineData("GET", "/t", "host.example", "https", "x-name", "a{0}b")]
    public async Task Nothing_or_what_was_sent_reaches_a_backend(
        string method, string target, string authority, string scheme, string name, string value)
    {
        await using var backend = new OctetBackend();
        await using TestLane lane = await TestLane.StartAsync(Tls, backend.Address);
        RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
        foreach (string text in OctetTests.Texts)
        {
            string Of(string form) => form.Replace("{0}", text, StringComparison.Ordinal);
            Http2Answer answer = await client.ExchangeAsync(
            [
                (":method", Of(method)), (":scheme", Of(scheme)), (":authority", Of(authority)), (":path", Of(target)), (Of(name), Of(value)),
            ]);
            if (answer.HasEndedConnection)
            {
                client.Dispose();
                client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
            }

            foreach (string record in await backend.TakeAsync())
            {
                OctetRecord? seen = OctetRecord.Of(record);
                Assert.True(seen is not null, $"{Hex(text)} in {method} {target} {authority} {name} {value} became: {record}");
                Assert.Equal((Of(method), Of(target), Of(authority)), (seen.Method, seen.Target, seen["Host"].Single()));
                Assert.Equal(Of(value), seen[Of(name)].Single());
                Assert.Equal(200, answer.Status);
            }
        }

        client.Dispose();
    }

    [Theory]
    [InlineData("h", true)]
    [InlineData("h.", true)]
    [InlineData("h..i", false)]
    [InlineData("name.test..", false)]
    [InlineData("name%2etest", false)]
    [InlineData(".", false)]
    [InlineData("~", true)]
    [InlineData("h!i", true)]
    [InlineData("h&i", true)]
    [InlineData("h:", true)]
    [InlineData("[::1]:80", true)]
    [InlineData("h:99999", false)]
    [InlineData("[1::2::3]", false)]
    [InlineData("user@h", false)]
    [InlineData("h/i", false)]
    [InlineData("h i", false)]
    [InlineData("256", true)]
    public async Task An_authority_reaches_the_backend_as_the_one_host_or_not_at_all(string authority, bool isHost)
    {
        authority = authority == "256" ? new string('h', 256) : authority;
        await using var backend = new OctetBackend();
        await using TestLane lane = await TestLane.StartAsync(Tls, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);

        Http2Answer answer = await client.ExchangeAsync([(":method", "GET"), (":scheme", "https"), (":authority", authority), (":path", "/")]);

        IReadOnlyList<string> records = await backend.TakeAsync();
        if (isHost && answer.Status == 200)
        {
            Assert.Equal([authority], OctetRecord.Of(Assert.Single(records))!["Host"]);
        }
        else
        {
            // What the server refuses by itself ends the stream.
            Assert.True(!isHost || answer.Status != 200);
            Assert.Empty(records);
        }
    }

    [Theory]
    [InlineData("https", "upgrade", "websocket", 400)]
    [InlineData("https", "upgrade", "h2c", 400)]
    [InlineData("https", "proxy-connection", "keep-alive", 400)]
    [InlineData("https", "keep-alive", "timeout=5", 400)]
    [InlineData("https", "transfer-encoding", "chunked", 400)]
    [InlineData("https", "transfer-encoding", "", 400)]
    [InlineData("ftp", "x-name", "v", 501)]
    [InlineData("http", "x-name", "v", 200)]
    [InlineData("HTTPS", "x-name", "v", 200)]
    [InlineData("https", "x-name", "v", 200)]
    public async Task What_speaks_of_one_connection_or_of_another_protocol_reaches_no_backend(string scheme, string name, string value, int status)
    {
        await using var backend = new OctetBackend();
        await using TestLane lane = await TestLane.StartAsync(Tls, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);

        Http2Answer answer = await client.ExchangeAsync([(":method", "GET"), (":scheme", scheme), (":authority", "x"), (":path", "/"), (name, value)]);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? 1 : 0, (await backend.TakeAsync()).Count);
        answer = await client.ExchangeAsync([(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/")]);
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Trailers_reach_a_backend_as_they_were_sent_or_not_at_all()
    {
        await using var backend = new OctetBackend();
        await using TestLane lane = await TestLane.StartAsync(Tls, backend.Address);
        RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
        int passed = 0;
        foreach (string text in OctetTests.Texts)
        {
            Http2Answer answer = await client.ExchangeAsync(
                [(":method", "POST"), (":scheme", "https"), (":authority", "x"), (":path", "/t"), ("trailer", "x-sum")],
                "ab",
                [("x-sum", $"a{text}b")]);
            if (answer.HasEndedConnection)
            {
                client.Dispose();
                client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
            }

            foreach (OctetRecord seen in (await backend.TakeAsync()).Select(OctetRecord.Of).OfType<OctetRecord>())
            {
                if (seen.Body.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                {
                    Assert.Equal($"2\r\nab\r\n0\r\nx-sum: a{text}b\r\n\r\n", seen.Body);
                    passed++;
                }
            }
        }

        client.Dispose();
        Assert.InRange(passed, 200, OctetTests.Texts.Count);
    }

    [Theory]
    [InlineData("X-A{0}B", "v")]
    [InlineData("X-Name", "a{0}b")]
    public async Task What_a_backend_says_reaches_a_client_as_it_is_or_is_refused(string name, string value)
    {
        string next = "";
        await using var backend = new OctetBackend(() => next);
        await using TestLane lane = await TestLane.StartAsync(Tls, backend.Address);
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(lane.Endpoint);
        foreach (string text in OctetTests.Texts.Where(t => !t.Contains("\r\n", StringComparison.Ordinal)))
        {
            string Of(string form) => form.Replace("{0}", text, StringComparison.Ordinal);
            next = $"HTTP/1.1 200 OK\r\n{Of(name)}: {Of(value)}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
            Http2Answer answer = await client.ExchangeAsync(
                [(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/")]);
            await backend.TakeAsync();
            if (answer.Status == 502)
            {
                continue;
            }

            Assert.Equal((200, "ok"), (answer.Status, answer.Body));
            Assert.Contains(Of(value).Split(": ")[^1], answer.Head, StringComparison.Ordinal);
        }
    }

    private static string Hex(string text) => Convert.ToHexString(System.Text.Encoding.Latin1.GetBytes(text));
}
