using ActorLb.Engine.Failures;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>An answer that ends before it is whole: the client gets what there is of it, and it does not look whole.</summary>
public abstract class UnfinishedAnswerTests(ListenerEngine engine)
{
    private const int Rounds = 16;

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n")]
    [InlineData("Content-Length: 10\r\n\r\npart")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n")]
    public async Task A_backend_that_breaks_off_has_said_what_it_said(string answer)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\n" + answer);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        for (int i = 0; i < Rounds; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.Equal(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..], await ReadToItsEndAsync(client));
        }
    }

    [Fact]
    public async Task What_came_before_a_backend_broke_off_reaches_a_client_that_reads_late()
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var body = new string('x', 300_000);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + body);
            sent.SetResult();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await sent.Task;
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).InFlight == 0 || client.HasMore);

        await client.ReadHeadAsync();
        Assert.Equal(body.Length, (await ReadToItsEndAsync(client)).Length);
    }

    [Theory]
    [InlineData("1.1", true)]
    [InlineData("1.0", false)]
    public async Task An_event_stream_that_may_not_stay_ends_without_its_end(string version, bool ends)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync($"GET / HTTP/{version}\r\nHost: x\r\n\r\n");
        await client.ReadHeadAsync();
        Assert.Equal(ends ? "9\r\n" : "data", await client.Stream.ReadTextAsync(ends ? 3 : 4));

        lane.Publish(backend.Address, state: OperatorState.Maintenance);

        if (ends)
        {
            Assert.Equal("data: 1\n\n\r\n", await ReadToItsEndAsync(client));
        }
        else
        {
            // An end would be the answer's.
            await Assert.ThrowsAsync<IOException>(() => ReadToItsEndAsync(client));
        }

        Assert.Equal(1, lane.Plane.Closed[FailureReason.BackendInMaintenance]);
    }

    [Theory]
    [InlineData("5 \r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n5 \r\nworld\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello0\r\n\r\n")]
    public async Task A_body_that_cannot_be_read_from_its_beginning_on_is_refused_before_the_client_has_any_of_it(string body)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            (string head, string text) = await client.ReadAnswerAsync();
            Assert.StartsWith("HTTP/1.1 502", head, StringComparison.Ordinal);
            Assert.StartsWith("502 backend-bad-response: the backend's answer is refused: ", text, StringComparison.Ordinal);
            Assert.Contains("chunk", text, StringComparison.Ordinal);
        }
    }

    /// <summary>Throws where the end is a reset.</summary>
    private static async Task<string> ReadToItsEndAsync(RawClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var reader = new StreamReader(client.Stream, System.Text.Encoding.Latin1, leaveOpen: true);
        return await reader.ReadToEndAsync(limit.Token);
    }
}
