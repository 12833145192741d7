using System.Net.WebSockets;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class TunnelTests(ListenerEngine engine)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    private const string Upgrade =
        "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

    [Fact]
    public async Task A_web_socket_may_be_silent_for_longer_than_an_answer()
    {
        await using SampleBackend backend = await WebSocketTests.EchoAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { ResponseTimeout = Short, TunnelTimeout = TimeSpan.FromMinutes(1) }, backend.Address);
        await using var other = new RawBackend(c => c.UntilClosedAsync());
        await using TestLane clock = await TestLane.StartAsync(engine, new LaneOptions { ResponseTimeout = 2 * Short }, other.Address);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);
        Assert.Equal("a:one", await WebSocketTests.EchoAsync(socket, "one"));

        // A request that times out after twice as long tells that the time is over.
        using HttpResponseMessage timedOut = await clock.SendAsync(HttpMethod.Get, "/");
        Assert.Equal("backend-timeout", TestLane.ReasonOf(timedOut));

        Assert.Equal("a:two", await WebSocketTests.EchoAsync(socket, "two"));
    }

    [Fact]
    public async Task A_web_socket_that_is_silent_for_longer_than_that_is_closed()
    {
        await using SampleBackend backend = await WebSocketTests.EchoAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { TunnelTimeout = Short, TunnelGrace = Short }, backend.Address);

        // The first request of a process takes long, and this limit is that of the whole upgrade on one lane.
        Assert.Equal("a", await lane.GetAsync());
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(Upgrade);
        Assert.StartsWith("HTTP/1.1 101", await client.ReadHeadAsync(), StringComparison.Ordinal);

        // Close, with code 1001.
        Assert.Equal("\u0088\u0002\u0003\u00e9", await client.ReadToEndAsync());
        Assert.Equal(1, lane.Plane.Closed[ActorLb.Engine.Failures.FailureReason.TunnelTimeout]);

        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).InFlight == 0);
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Fact]
    public async Task A_backend_that_is_silent_about_an_upgrade_has_no_longer_than_for_an_answer()
    {
        await using var silent = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { ResponseTimeout = Short, TunnelTimeout = TimeSpan.FromMinutes(1) }, silent.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(Upgrade);
        string head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 504", head, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: backend-timeout", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Any_other_upgrade_is_a_request_like_others()
    {
        await using var silent = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { ResponseTimeout = Short, TunnelTimeout = TimeSpan.FromMinutes(1) }, silent.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(Upgrade.Replace("websocket", "h2c", StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 504", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_right_behind_an_upgrade_waits_until_the_backend_has_switched()
    {
        var waited = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            waited.SetResult(!connection.HasMore);
            await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello");
            await connection.WriteAsync(await connection.Stream.ReadTextAsync(5));
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync(Upgrade + "early");

        Assert.StartsWith("HTTP/1.1 101", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("helloearly", await client.Stream.ReadTextAsync(10));
        Assert.True(await waited.Task);
    }

    [Fact]
    public async Task What_follows_an_upgrade_that_the_backend_declines_is_no_part_of_a_tunnel()
    {
        var heads = new List<string>();
        await using var backend = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
            {
                lock (heads)
                {
                    heads.Add(head);
                }

                await connection.AnswerAsync("no");
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        string answers = await RawClient.ExchangeAsync(lane.Endpoint, Upgrade + "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.Equal(2, answers.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.Equal(2, heads.Count);
        Assert.StartsWith("GET /next HTTP/1.1\r\n", heads[1], StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-For: 127.0.0.1\r\n", heads[1], StringComparison.Ordinal);
    }
}
