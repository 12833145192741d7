using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Limits that change while the lane runs.</summary>
public abstract class LimitChangeTests(ListenerEngine engine)
{
    [Fact]
    public async Task Heads_may_be_larger_at_once_also_on_connections_that_were_there()
    {
        await using var backend = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
            {
                await connection.AnswerAsync("ok");
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient kept = await RawClient.ConnectAsync(lane.Endpoint);
        await kept.SendAsync("GET /before HTTP/1.1\r\nHost: x\r\n\r\n");
        await kept.ReadAnswerAsync();

        await lane.ApplyAsync(t => t with { Limits = t.Limits with { HeaderCountMax = 2000, HeaderBytesMax = 200_000, RequestLineBytesMax = 50_000 } });

        string path = "/" + new string('p', 20_000);
        string fields = string.Concat(Enumerable.Range(0, 1000).Select(i => $"X-{i}: {new string('v', 60)}\r\n"));
        await kept.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n");
        Assert.StartsWith("HTTP/1.1 200", await kept.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Smaller_ones_hold_for_the_next_head_and_not_for_one_that_was_taken_in()
    {
        var go = new TaskCompletionSource();
        await using var backend = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
            {
                await go.Task.WaitAsync(connection.Stopping);
                await connection.AnswerAsync("ok");
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        string request = $"GET / HTTP/1.1\r\nHost: x\r\n{string.Concat(Enumerable.Range(0, 50).Select(i => $"X-{i}: v\r\n"))}\r\n";
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(request);
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).InFlight == 1);

        await lane.ApplyAsync(t => t with { Limits = t.Limits with { HeaderCountMax = 10 } });
        go.SetResult();

        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
        await client.SendAsync(request);
        string refused = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 431", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 200)]
    [InlineData(9, 413)]
    public async Task Bodies_are_bounded_by_the_limit_of_now(long max, int status)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("ok");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { BodyBytesMax = 5 }, backend.Address);
        await lane.ApplyAsync(t => t with { Limits = t.Limits with { BodyBytesMax = max } });

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Post, "/", content: new StringContent("0123456789"));

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Connections_are_bounded_by_the_limit_of_now_and_those_beyond_it_stay()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("ok");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient first = await RawClient.ConnectAsync(lane.Endpoint);
        using RawClient second = await RawClient.ConnectAsync(lane.Endpoint);
        await TestLane.UntilAsync(() => lane.Plane.Connections.Open == 2);

        await lane.ApplyAsync(t => t with { Limits = t.Limits with { ConnectionsMax = 1 } });

        using RawClient third = await RawClient.ConnectAsync(lane.Endpoint);
        Assert.Equal("", await third.ReadToEndAsync());
        await first.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await first.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silent_clients_are_waited_for_as_long_as_the_limit_of_now_says()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("ok");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { HeaderTimeout = TimeSpan.FromMinutes(5) }, backend.Address);
        await lane.ApplyAsync(t => t with { Limits = t.Limits with { HeaderTimeout = TimeSpan.FromSeconds(2) } });

        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HT");

        Assert.StartsWith("HTTP/1.1 408", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }
}
