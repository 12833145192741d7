using System.Text;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Requests that are sent again although bytes of their bodies had been sent (retry.body-bytes).</summary>
public abstract class HeldBodyLaneTests(ListenerEngine engine)
{
    private const int BytesMax = 64 * 1024;

    // Every value of a byte, and nothing that repeats with a buffer's length.
    private static string Body(int length) => string.Create(length, 0, static (text, _) =>
    {
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (char)((i + (i / 251)) & 0xff);
        }
    });

    private static LaneOptions Options(int bytesMax = BytesMax) => new()
    {
        Sticky = false,
        Retry = new RetrySettings(100, [new StatusRange(503, 503)]) { BodyBytes = bytesMax },
    };

    private static string ByLength(string body, string method = "PUT") =>
        $"{method} /x HTTP/1.1\r\nHost: a\r\nX-Name: its own\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    private static string Chunk(string data) => $"{data.Length:x}\r\n{data}\r\n";

    private static string InChunks(string body, string end = "0\r\n\r\n", string fields = "")
    {
        var text = new StringBuilder($"PUT /x HTTP/1.1\r\nHost: a\r\nX-Name: its own\r\nTransfer-Encoding: chunked\r\n{fields}\r\n");
        for (int at = 0, size = 1; at < body.Length; at += size, size = Math.Min(2 * size, body.Length - at))
        {
            text.Append(Chunk(body.Substring(at, Math.Min(size, body.Length - at))));
        }

        return text.Append(end).ToString();
    }

    private static async Task<string> AskAsync(TestLane lane, string request)
    {
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(request);
        (_, string body) = await client.ReadAnswerAsync();

        // The connection goes on behind it.
        await client.SendAsync("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("well", (await client.ReadAnswerAsync()).Body);
        return body;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10_000)]
    [InlineData(BytesMax)]
    public async Task A_body_that_the_first_backend_took_reaches_the_second_whole(int length)
    {
        string body = Body(length);
        foreach (string request in new[] { ByLength(body), InChunks(body) })
        {
            await using RecordingBackends backends = RecordingBackends.SickFor(1);
            await using TestLane lane = await TestLane.StartAsync(engine, Options(), backends.Addresses);

            Assert.Equal("well", await AskAsync(lane, request));

            TakenRequest[] seen = [.. backends.Seen];
            Assert.Equal(["PUT", "PUT", "GET"], seen.Select(s => s.Method));
            Assert.NotEqual(seen[0].Backend, seen[1].Backend);
            Assert.True(seen.Take(2).All(s => s.Body == body));
            Assert.Equal(seen[0].Head, seen[1].Head);
            Assert.Equal(1, lane.Plane.Routing.Pools["web"].Retries.Retries);
        }
    }

    [Fact]
    public async Task It_is_sent_as_often_as_the_pool_tries()
    {
        string body = Body(30_000);
        foreach (string request in new[] { ByLength(body), InChunks(body) })
        {
            await using RecordingBackends backends = RecordingBackends.SickFor(2, count: 3);
            await using TestLane lane = await TestLane.StartAsync(engine, Options() with { Balance = new BalanceSettings(BalanceKind.Hash, HashOn.Header, "X-Name") }, backends.Addresses);

            Assert.Equal("well", await AskAsync(lane, request));

            TakenRequest[] seen = [.. backends.Seen.Where(s => s.Method == "PUT")];
            Assert.Equal(3, seen.Length);
            Assert.True(seen[0].Backend != seen[1].Backend && seen[1].Backend != seen[2].Backend);
            Assert.True(seen.All(s => s.Body == body && s.Head == seen[0].Head));
        }
    }

    [Fact]
    public async Task A_kept_connection_that_is_reset_after_it_took_the_body_is_replaced()
    {
        string body = Body(10_000);
        foreach (string request in new[] { ByLength(body), InChunks(body) })
        {
            await using var backends = new RecordingBackends(1, (connection, number) =>
            {
                if (number == 2)
                {
                    connection.Reset();
                    return Task.CompletedTask;
                }

                return connection.WriteAsync(RecordingBackends.Well);
            });
            await using TestLane lane = await TestLane.StartAsync(engine, Options() with { Loops = 1 }, backends.Addresses);
            await lane.GetAsync();

            Assert.Equal("well", await AskAsync(lane, request));

            TakenRequest[] seen = [.. backends.Seen];
            Assert.Equal(["GET", "PUT", "PUT", "GET"], seen.Select(s => s.Method));
            Assert.True(seen[1].Body == body && seen[2].Body == body);
        }
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task A_body_that_is_longer_than_is_held_is_not_sent_again(int beyond, bool isSentAgain)
    {
        const int Held = 20_000;
        string body = Body(Held + beyond);
        foreach (string request in new[] { ByLength(body), InChunks(body) })
        {
            await using RecordingBackends backends = RecordingBackends.SickFor(1);
            await using TestLane lane = await TestLane.StartAsync(engine, Options(Held), backends.Addresses);

            Assert.Equal(isSentAgain ? "well" : "sick", await AskAsync(lane, request));

            Assert.Equal(isSentAgain ? 2 : 1, backends.Seen.Count(s => s.Method == "PUT"));
            Assert.True(backends.Seen.Where(s => s.Method == "PUT").All(s => s.Body == body));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("some of a body")]
    public async Task Trailers_are_sent_again_with_their_body(string body)
    {
        await using RecordingBackends backends = RecordingBackends.SickFor(1);
        await using TestLane lane = await TestLane.StartAsync(engine, Options(), backends.Addresses);

        Assert.Equal("well", await AskAsync(lane, InChunks(body, "0\r\nX-Sum:1234\r\nX-Other: no\r\nX-Empty:\r\n\r\n", "Trailer: X-Sum, X-Empty\r\n")));

        TakenRequest[] seen = [.. backends.Seen.Where(s => s.Method == "PUT")];
        Assert.Equal(2, seen.Length);
        Assert.All(seen, s => Assert.Equal((body, "X-Sum: 1234\nX-Empty:\n"), (s.Body, s.Trailers)));
    }

    [Fact]
    public async Task A_body_that_is_still_coming_when_it_is_refused_goes_on_at_the_next_backend()
    {
        string body = Body(40_000);
        foreach (bool isChunked in new[] { false, true })
        {
            var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var backends = new RecordingBackends(2, (connection, _) => connection.WriteAsync(RecordingBackends.Well), async (connection, number) =>
            {
                if (number > 1)
                {
                    second.TrySetResult();
                    return true;
                }

                // Once some of the body has come.
                await connection.Stream.ReadExactlyAsync(new byte[10_000], connection.Stopping);
                await connection.WriteAsync(RecordingBackends.Sick);
                await connection.UntilClosedAsync();
                return false;
            });
            await using TestLane lane = await TestLane.StartAsync(engine, Options(), backends.Addresses);
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            string whole = isChunked ? InChunks(body) : ByLength(body);
            await client.SendAsync(whole[..20_000]);
            await second.Task;
            await client.SendAsync(whole[20_000..]);

            Assert.Equal("well", (await client.ReadAnswerAsync()).Body);

            Assert.True(backends.Seen.Single().Body == body);
        }
    }

    [Fact]
    public async Task Bodies_of_methods_that_may_not_be_repeated_are_sent_once()
    {
        await using RecordingBackends backends = RecordingBackends.SickFor(1);
        await using TestLane lane = await TestLane.StartAsync(engine, Options(), backends.Addresses);

        Assert.Equal("sick", await AskAsync(lane, ByLength("a body", "POST")));

        Assert.Equal(["POST", "GET"], backends.Seen.Select(s => s.Method));
    }

    [Fact]
    public async Task What_is_held_counts_as_memory_in_use_and_is_given_back_when_the_client_has_its_answer_or_leaves()
    {
        const int Held = 1 << 20;
        string body = Body(Held);
        var arrived = new SemaphoreSlim(0);
        var mayAnswer = new SemaphoreSlim(0);
        await using var backends = new RecordingBackends(1, async (connection, _) =>
        {
            arrived.Release();
            await mayAnswer.WaitAsync(connection.Stopping);
            await connection.WriteAsync(RecordingBackends.Well);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Options(Held) with { Memory = 64L << 30 }, backends.Addresses);
        lane.Plane.Memory.Use = () => 0;
        lane.Plane.Memory.Look();
        long before = lane.Plane.Memory.Used;

        using (RawClient client = await RawClient.ConnectAsync(lane.Endpoint))
        {
            await client.SendAsync(ByLength(body));
            await arrived.WaitAsync();
            await TestLane.UntilAsync(() => lane.Plane.Memory.Used >= before + Held);
            mayAnswer.Release();
            Assert.Equal("well", (await client.ReadAnswerAsync()).Body);
            await TestLane.UntilAsync(() => lane.Plane.Memory.Used < before + Held);

            await client.SendAsync(ByLength(body)[..(Held / 2)]);
            await TestLane.UntilAsync(() => lane.Plane.Memory.Used >= before + (Held / 2));
        }

        await TestLane.UntilAsync(() => lane.Plane.Memory.Used <= before);
        mayAnswer.Release();
    }

    [Fact]
    public async Task Where_half_of_the_memory_is_in_use_nothing_is_held_and_requests_are_served()
    {
        await using RecordingBackends backends = RecordingBackends.SickFor(1);
        await using TestLane lane = await TestLane.StartAsync(engine, Options() with { Memory = 64L << 30 }, backends.Addresses);
        lane.Plane.Memory.Use = () => 0;
        lane.Plane.Memory.Count(() => 32L << 30);

        Assert.Equal("sick", await AskAsync(lane, ByLength("a body")));

        Assert.Equal(["PUT", "GET"], backends.Seen.Select(s => s.Method));
    }
}
