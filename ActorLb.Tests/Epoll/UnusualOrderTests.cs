using System.Net.Sockets;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Lane;
using Xunit;

namespace ActorLb.Tests.Epoll;

/// <summary>Messages that come earlier, later or longer than the lane's reading expects.</summary>
public sealed class UnusualOrderTests
{
    /// <summary>What the lane asks the system for at once while it waits for a head.</summary>
    private const int FirstReadBytes = 16 * 1024;

    [Fact]
    public async Task An_answer_that_fills_a_read_to_its_end_leaves_nothing_for_the_next_client()
    {
        const string Head = "HTTP/1.1 200 OK\r\nContent-Length: 16342\r\n\r\n";
        string whole = Head + new string('w', FirstReadBytes - Head.Length);
        Assert.Contains($"Content-Length: {FirstReadBytes - Head.Length}\r\n", Head, StringComparison.Ordinal);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(connection.Number == 1 ? whole + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison" : whole);
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(ListenerEngine.Epoll, backend.Address);

        Assert.Equal(FirstReadBytes - Head.Length, (await lane.GetAsync()).Length);
        Assert.Equal(FirstReadBytes - Head.Length, (await lane.GetAsync()).Length);
        Assert.Equal(2, backend.Connections);
    }

    [Fact]
    public async Task A_backend_that_answers_before_the_body_still_gets_it_and_both_connections_go_on()
    {
        var bodies = new List<string>();
        await using var backend = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
            {
                await connection.AnswerAsync("early");
                var body = new byte[6];
                await connection.Stream.ReadExactlyAsync(body, connection.Stopping);
                bodies.Add(System.Text.Encoding.ASCII.GetString(body));
            }
        });
        await using TestLane lane = await TestLane.StartAsync(ListenerEngine.Epoll, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
            Assert.Equal("early", (await client.ReadAnswerAsync()).Body);
            await client.SendAsync("def");
        }

        await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabcdef");
        Assert.Equal("early", (await client.ReadAnswerAsync()).Body);
        Assert.Equal(["abcdef", "abcdef"], bodies.Take(2));
        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task A_refusal_instead_of_100_says_that_the_connection_ends()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(ListenerEngine.Epoll, backend.Address);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 417", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_upgrades_at_once_the_one_that_the_pool_allows_is_offered()
    {
        string? seen = null;
        await using var backend = new RawBackend(async connection =>
        {
            seen = await connection.ReadHeadAsync();
            await connection.AnswerAsync("well");
        });
        await using TestLane lane = await TestLane.StartAsync(ListenerEngine.Epoll, backend.Address);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint,
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nUpgrade: websocket\r\n", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("h2c", seen, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_half_closed_client_gets_an_answer_that_takes_longer_than_a_connect_may()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();

            // The lane has heard of the client's end; its timers see twice the limit of a connect go by, well within the time that such a client is waited for.
            await Task.Delay(TimeSpan.FromSeconds(2.2), connection.Stopping);
            await connection.AnswerAsync("late");
        });
        await using TestLane lane = await TestLane.StartAsync(
            ListenerEngine.Epoll, new LaneOptions { ConnectTimeout = TimeSpan.FromSeconds(1) }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        client.Finish();

        Assert.Equal("late", (await client.ReadAnswerAsync()).Body);
    }

    [Fact]
    public async Task A_backend_that_stalls_in_its_answer_to_a_half_closed_client_is_to_blame()
    {
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await finished.Task.WaitAsync(connection.Stopping);
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(
            ListenerEngine.Epoll,
            new LaneOptions { AccessLog = AccessLogTests.Json, ResponseTimeout = TimeSpan.FromSeconds(6) },
            backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        client.Finish();
        finished.SetResult();

        // Longer than a client that ended its side is waited for before an answer begins.
        Assert.Equal("backend-timeout", (await AccessLogTests.NextAsync(lane)).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_node_that_stops_closes_a_client_whose_download_ends_after_the_others_were_closed()
    {
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
            await finish.Task.WaitAsync(connection.Stopping);
            await connection.WriteAsync("rest");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(ListenerEngine.Epoll, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.ReadHeadAsync();

        Task stopping = lane.Lane.StopAsync(CancellationToken.None);
        await RefusedAsync(lane);
        finish.SetResult();

        Assert.Equal("halfrest", await client.ReadToEndAsync());
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Completes when nobody accepts any more: then the idle ones have been closed, too.</summary>
    private static async Task RefusedAsync(TestLane lane)
    {
        while (true)
        {
            try
            {
                using RawClient probe = await RawClient.ConnectAsync(lane.Endpoint);
                await probe.ReadToEndAsync();
            }
            catch (SocketException)
            {
                return;
            }
        }
    }
}
