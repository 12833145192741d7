using ActorLb.Engine.Forwarding;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class HeaderTests(ListenerEngine engine)
{
    private async Task<SeenRequest> SeenAsync(LaneOptions options, string headers)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, options, a.Address);
        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET /x HTTP/1.1\r\nHost: shop.example\r\n{headers}Connection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        return Assert.Single(a.Seen);
    }

    [Fact]
    public async Task The_backend_learns_who_asked_and_for_which_host()
    {
        SeenRequest seen = await SeenAsync(new LaneOptions(), "");

        Assert.Equal("shop.example", seen["Host"]);
        Assert.Equal("127.0.0.1", seen["X-Forwarded-For"]);
        Assert.Equal("http", seen["X-Forwarded-Proto"]);
        Assert.Equal("shop.example", seen["X-Forwarded-Host"]);
        Assert.Null(seen["Via"]);
    }

    [Fact]
    public async Task What_a_stranger_says_about_forwarding_is_replaced()
    {
        SeenRequest seen = await SeenAsync(
            new LaneOptions(),
            "X-Forwarded-For: 10.0.0.1\r\nx-forwarded-proto: https\r\nX-FORWARDED-HOST: evil\r\nX-Forwarded-For: 10.0.0.2\r\n");

        Assert.Equal("127.0.0.1", seen["X-Forwarded-For"]);
        Assert.Equal("http", seen["X-Forwarded-Proto"]);
        Assert.Equal("shop.example", seen["X-Forwarded-Host"]);
    }

    [Fact]
    public async Task Fields_of_the_connection_stay_there()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(
            "GET /x HTTP/1.1\r\nHost: shop.example\r\nConnection: X-Mine, Host\r\nX-Mine: 1\r\nX-Other: 2\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
            + "Upgrade: h2c\r\nHTTP2-Settings: AAA\r\nProxy-Connection: close\r\nProxy-Authorization: secret\r\nUpgrade-Insecure-Requests: 1\r\n\r\n");
        await client.ReadHeadAsync();

        SeenRequest seen = Assert.Single(a.Seen);
        foreach (string name in new[]
            { "Connection", "X-Mine", "Keep-Alive", "TE", "Upgrade", "HTTP2-Settings", "Proxy-Connection", "Proxy-Authorization", "Transfer-Encoding" })
        {
            Assert.Null(seen[name]);
        }

        Assert.Equal("2", seen["X-Other"]);
        Assert.Equal("1", seen["Upgrade-Insecure-Requests"]);
        Assert.Equal("shop.example", seen["Host"]);
    }

    [Fact]
    public async Task A_backends_connection_fields_stay_there_and_the_others_arrive()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(
                "HTTP/1.1 200 OK\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nServer: theirs\r\nLocation: http://elsewhere/\r\n"
                + "Alt-Svc: clear\r\nX-Twice: a\r\nX-Twice: b\r\nX-Bytes: \u00e4\u00ff\r\nContent-Length: 2\r\n\r\nok");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.DoesNotContain("X-Mine", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Keep-Alive", answer, StringComparison.Ordinal);
        Assert.Contains("Server: theirs\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Location: http://elsewhere/\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Alt-Svc: clear\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("X-Twice: a\r\nX-Twice: b\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("X-Bytes: \u00e4\u00ff\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("ok", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_does_not_name_itself()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.AnswerAsync("ok");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("abc-123", true)]
    [InlineData("has space", false)]
    [InlineData("\u00e4", false)]
    public async Task A_sane_request_id_is_kept_and_another_replaced(string id, bool kept)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: {id}\r\nConnection: close\r\n\r\n");

        string seen = Assert.Single(a.Seen)["X-Request-Id"]!;
        Assert.Equal(kept, seen == id);
        Assert.Contains($"X-Request-Id: {seen}\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(127, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    [InlineData(0, false)]
    public void A_request_id_may_have_128_characters(int length, bool sane) =>
        Assert.Equal(sane, RequestIds.IsSane(new string('x', length)));

    [Fact]
    public void Made_request_ids_are_32_hexadecimal_digits_and_differ()
    {
        string[] ids = [.. Enumerable.Range(0, 10_000).Select(_ => RequestIds.Next())];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id));
    }

    [Fact]
    public async Task Via_is_added_where_it_is_wanted()
    {
        SeenRequest seen = await SeenAsync(new LaneOptions { Via = true }, "Via: 1.0 other\r\n");

        Assert.Equal("1.0 other, 1.1 actorlb", seen["Via"]);
    }

    [Fact]
    public async Task Fields_that_describe_a_body_survive_without_one()
    {
        SeenRequest seen = await SeenAsync(new LaneOptions(), "Content-Type: text/odd\r\nContent-Language: de\r\nContent-Length: 0\r\n");

        Assert.Equal("text/odd", seen["Content-Type"]);
        Assert.Equal("de", seen["Content-Language"]);
    }

    [Theory]
    [InlineData("/a%20b/%2F/%25?q=%20&r=a+b")]
    [InlineData("/a/../b/./c//d")]
    [InlineData("/%e4%c3%a4?x=%zz")]
    [InlineData("//double")]
    [InlineData("/?")]
    [InlineData("/a|b\"c<d>^`{}\\")]
    public async Task The_target_arrives_byte_for_byte(string target)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        await RawClient.ExchangeAsync(lane.Endpoint, $"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.Equal(target, Assert.Single(a.Seen).Target);
    }

    [Theory]
    [InlineData("http://shop.example/a?b=c", "/a?b=c")]
    [InlineData("http://shop.example", "/")]
    [InlineData("http://shop.example?q", "/?q")]
    public async Task An_absolute_target_arrives_as_a_path(string target, string expected)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        await RawClient.ExchangeAsync(lane.Endpoint, $"GET {target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");

        Assert.Equal(expected, Assert.Single(a.Seen).Target);
    }
}
