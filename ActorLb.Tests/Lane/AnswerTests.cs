using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Where an answer ends, and what becomes of the client's connection then.</summary>
public abstract class AnswerTests(ListenerEngine engine)
{
    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", "Content-Length: 1234\r\n")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nETag: \"x\"\r\n\r\n", "ETag: \"x\"\r\n")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\nETag: \"x\"\r\n\r\n", "ETag: \"x\"\r\n")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", "ETag: \"x\"\r\n")]
    [InlineData("GET", "HTTP/1.1 299 Odd Reason\r\nContent-Length: 0\r\n\r\n", "Content-Length: 0\r\n")]
    public async Task An_answer_without_a_body_ends_with_its_head(string method, string answer, string field)
    {
        await using var backend = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
            {
                await connection.WriteAsync(head.StartsWith("GET /next", StringComparison.Ordinal) ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext" : answer);
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync($"{method} / HTTP/1.1\r\nHost: x\r\n\r\n");
        string head = await client.ReadHeadAsync();
        await client.SendAsync("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
        (string nextHead, string next) = await client.ReadAnswerAsync();

        Assert.StartsWith(answer[..12], head, StringComparison.Ordinal);
        Assert.Contains(field, head, StringComparison.Ordinal);
        Assert.DoesNotContain("Transfer-Encoding", head, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("HTTP/1.1 200", nextHead, StringComparison.Ordinal);
        Assert.Equal("next", next);
        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task A_body_that_ends_with_the_backends_connection_ends_with_a_chunk_and_the_clients_connection_goes_on()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\n\r\nuntil the end of {connection.Number}");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        for (int i = 1; i <= 2; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.Contains("\r\nTransfer-Encoding: chunked\r\n", await client.ReadHeadAsync(), StringComparison.OrdinalIgnoreCase);
            Assert.Equal(($"until the end of {i}", ""), await client.Stream.ReadChunksAsync());
        }

        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Theory]
    [InlineData("", "Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n")]
    [InlineData("Connection: keep-alive\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n")]
    [InlineData("Connection: keep-alive\r\n", "\r\nwhole")]
    [InlineData("", "Content-Length: 5\r\n\r\nwhole")]
    public async Task An_http_1_0_client_gets_plain_bytes_until_its_connection_closes(string field, string answer)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\n" + answer);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        string got = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.0\r\n{field}\r\n");

        Assert.StartsWith("HTTP/1.1 200", got, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nwhole", got, StringComparison.Ordinal);
        Assert.DoesNotContain("Transfer-Encoding", got, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("keep-alive", got, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_http_1_0_client_that_asks_for_it_keeps_its_connection()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(c =>
        {
            c.Response.ContentLength = 0;
            return Task.CompletedTask;
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            Assert.Contains("\r\nConnection: keep-alive\r\n", await client.ReadHeadAsync(), StringComparison.Ordinal);
        }

        await client.SendAsync("GET / HTTP/1.0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(3, a.Seen.Count);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("1.0")]
    public async Task What_a_backend_says_before_its_answer_reaches_those_who_know_it(string version)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n");
            await connection.AnswerAsync("ok");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n");

        bool passes = version == "1.1";
        string before = passes ? "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" : "";
        Assert.StartsWith(before + "HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(passes, answer.Contains("\r\nLink:", StringComparison.Ordinal));
        Assert.EndsWith("\r\n\r\nok", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Trailer: X-Sum\r\n", "X-Sum: 1\n")]
    [InlineData("", "")]
    public async Task Chunks_lose_their_extensions_and_keep_the_trailers_that_were_announced(string announced, string expected)
    {
        string message = $"Transfer-Encoding: chunked\r\n{announced}\r\n5;a;b=c;d=\"e\"\r\nhello\r\n6;f\r\n world\r\n0;g=h\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n";
        var seen = new TaskCompletionSource<(string Body, string Trailers)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            seen.SetResult(await connection.Stream.ReadChunksAsync());
            await connection.WriteAsync("HTTP/1.1 200 OK\r\n" + message);
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\n" + message);
        await client.ReadHeadAsync();

        Assert.Equal(("hello world", expected), await client.Stream.ReadChunksAsync());
        Assert.Equal(("hello world", expected), await seen.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }
}
