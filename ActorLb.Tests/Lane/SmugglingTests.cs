using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Whatever a client sends, a backend gets nothing, or one well-formed request that we wrote.</summary>
public abstract class SmugglingTests(ListenerEngine engine)
{
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

    public static TheoryData<string> Attempts() => new()
    {
        $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: {Smuggled.Length + 5}\r\n\r\n0\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: {Smuggled.Length}\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0, {Smuggled.Length}\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 0\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\n Content-Length: 0\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Smuggled}",
        $"GET / HTTP/1.1\r\nHost: x\r\nX: a\nY: b\r\nBad\r\n\r\n{Smuggled}",
        $"GET / HTTP/1.1\r\nHost: x\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n{Smuggled}",
        $"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n{Smuggled}",
        $"GET /a\u000bb HTTP/1.1\r\nHost: x\r\n\r\n{Smuggled}",
        $"GET  /  HTTP/1.1\r\nHost: x\r\n\r\n{Smuggled}",
        $"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n{Smuggled}",
        $"GET / HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n{Smuggled}",
        $"GET / HTTP/1.1\r\nHost: x\r\nX : a\r\n\r\n{Smuggled}",
        $"GET / HTTP/1.1\r\nX: a\r\n\r\n{Smuggled}",
        $"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n{Smuggled}",
        $"GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n{Smuggled}",
        $"GET / http/1.1\r\nHost: x\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n{Smuggled}",
        $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\n{Smuggled}",
    };

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task An_ambiguous_request_is_refused_and_what_follows_it_is_not_read(string attempt)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, attempt);

        Assert.Matches("^HTTP/1.[01] (400|501|505) ", answer);
        Assert.Contains("X-ActorLb-Reason: ", answer, StringComparison.Ordinal);
        Assert.Equal(0, answer.Split("HTTP/1.1 200").Length - 1);
        Assert.Empty(a.Seen);
    }

    [Theory]
    [InlineData("X(")]
    [InlineData("X\"Y/Z")]
    [InlineData("X\u0001")]
    public async Task A_field_whose_name_is_no_token_never_reaches_the_backend(string name)
    {
        string head = "";
        await using var backend = new RawBackend(async connection =>
        {
            head += await connection.ReadHeadAsync();
            await connection.AnswerAsync("ok");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{name}: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.DoesNotContain($"{name}:", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5;ext=1\r\nhello\r\n0\r\n\r\n")]
    [InlineData("3\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n")]
    public async Task A_chunked_body_is_written_anew(string body)
    {
        string received = "";
        await using SampleBackend a = await SampleBackend.StartAsync(async c => received = await new StreamReader(c.Request.Body).ReadToEndAsync());
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, $"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{body}");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal("hello", received);
    }

    [Theory]
    [InlineData("zz\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhelloX\r\n0\r\n\r\n")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nX : a\r\n\r\n")]
    [InlineData("10000000000000005\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nX: a\0b\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\n\n")]
    [InlineData("5\nhello\r\n0\r\n\r\n")]
    [InlineData("5;=\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5 \r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n")]
    public async Task A_chunked_body_that_is_malformed_never_reaches_the_backend_as_a_whole_one(string body)
    {
        bool whole = false;
        await using SampleBackend a = await SampleBackend.StartAsync(async c =>
        {
            await c.Request.Body.CopyToAsync(Stream.Null);
            whole = true;
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{body}");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: bad-request", answer, StringComparison.Ordinal);
        Assert.False(whole);
        Assert.Equal(0, lane.Traffic(a.Address).Failures);
    }

    [Fact]
    public async Task No_prefix_of_a_request_reaches_the_backend_as_a_whole_one()
    {
        const string Whole = "POST /x?y HTTP/1.1\r\nHost: x\r\nX-Other: 1\r\nContent-Length: 5\r\n\r\nhello";
        int whole = 0;
        await using SampleBackend a = await SampleBackend.StartAsync(async c =>
        {
            await c.Request.Body.CopyToAsync(Stream.Null);
            Interlocked.Increment(ref whole);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        for (int length = 0; length < Whole.Length; length++)
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            await client.SendAsync(Whole[..length]);
            client.Finish();
            Assert.DoesNotContain(" 200 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(0, whole);
    }

    [Fact]
    public async Task A_backends_length_beside_a_transfer_coding_does_not_reach_the_client()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("hello", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Content-Length: 3", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_their_order()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(async c => await c.Response.Body.WriteAsync(
            System.Text.Encoding.ASCII.GetBytes($"[{c.Request.Path}]")));
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        string answers = await RawClient.ExchangeAsync(
            lane.Endpoint,
            "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.Equal(["/1", "/2", "/3"], a.Seen.Select(s => s.Target));
        Assert.Matches(@"(?s)\[/1\].*\[/2\].*\[/3\]", answers);
    }
}
