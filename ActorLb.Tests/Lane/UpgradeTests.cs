using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Which switches of protocols pass.</summary>
public abstract class UpgradeTests(ListenerEngine engine)
{
    [Theory]
    [InlineData("websocket", "Upgrade: websocket\r\n", "websocket")]
    [InlineData("websocket", "Upgrade: WebSocket\r\n", "WebSocket")]
    [InlineData("websocket", "Upgrade: TLS/1.2\r\n", "")]
    [InlineData("websocket", "Upgrade: h2c\r\n", "")]
    [InlineData("websocket", "Upgrade: h2c, websocket\r\n", "websocket")]
    [InlineData("websocket", "Upgrade: TLS/1.2 , websocket/13,foo\r\n", "websocket/13")]
    [InlineData("websocket", "Upgrade: foo\r\nUpgrade: websocket\r\n", "websocket")]
    [InlineData("tcp,SPDY/3.1", "Upgrade: spdy/3.1, SPDY/2, TCP, websocket\r\n", "spdy/3.1, TCP")]
    [InlineData("", "Upgrade: websocket\r\n", "")]
    public async Task Of_what_a_client_asks_what_the_pool_lists_is_passed_on(string listed, string asked, string passed)
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

                await connection.AnswerAsync("ok");
            }
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Upgrades = [.. listed.Split(',', StringSplitOptions.RemoveEmptyEntries)] }, backend.Address);

        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\n{asked}\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        string[] lines = [.. Assert.Single(heads).Split("\r\n").Where(l => l.StartsWith("Upgrade:", StringComparison.OrdinalIgnoreCase))];
        Assert.Equal(passed.Length == 0 ? [] : [$"Upgrade: {passed}"], lines);
        Assert.Equal(passed.Length > 0, heads[0].Contains("\r\nConnection: Upgrade\r\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("websocket", "websocket", 101)]
    [InlineData("websocket", "WEBSOCKET", 101)]
    [InlineData("websocket/13", "websocket", 101)]
    [InlineData("websocket", "WebSocket/13", 101)]
    [InlineData("SPDY/3.1", "spdy", 101)]
    [InlineData("SPDY/3.1", "SPDY/2", 502)]
    [InlineData("websocket/13", "websocket/8", 502)]
    [InlineData("SPDY/2, websocket", "spdy", 502)]
    [InlineData("websocket", "h2c", 502)]
    [InlineData("websocket", "tcp", 502)]
    [InlineData("tcp", "websocket", 502)]
    [InlineData("foo", "foo", 502)]
    public async Task A_backend_switches_to_nothing_that_was_not_asked(string asked, string to, int status)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {to}\r\n\r\n");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Upgrades = ["websocket", "tcp", "spdy/3.1"] }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: {asked}\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status}", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }
}
