using System.Net;
using ActorLb.Engine.Memory;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class MemoryTests(ListenerEngine engine)
{
    [Fact]
    public async Task Without_memory_new_requests_are_refused_with_a_reason_and_taken_again_when_there_is_some()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("one");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        await lane.GetAsync();

        await UseAsync(lane, MemoryLevel.Full);
        using HttpResponseMessage refused = await lane.SendAsync(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("out-of-memory", TestLane.ReasonOf(refused));
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.InRange(lane.Plane.Memory.Refused, 1, long.MaxValue);

        await UseAsync(lane, MemoryLevel.Free);
        await lane.GetAsync();
    }

    [Fact]
    public async Task What_is_under_way_goes_on_without_memory()
    {
        var arrived = new TaskCompletionSource();
        await using var backend = new RawBackend(async c =>
        {
            await c.ReadHeadAsync();
            arrived.SetResult();
            await c.Stream.ReadExactlyAsync(new byte[5], c.Stopping);
            await c.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12");
        await arrived.Task;

        await UseAsync(lane, MemoryLevel.Over);
        await client.SendAsync("345");

        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
    }

    [Fact]
    public async Task More_uploads_than_there_is_room_for_are_refused_at_once_and_leave_nothing_reserved()
    {
        using var arrived = new SemaphoreSlim(0);
        await using var backend = new RawBackend(async c =>
        {
            await c.ReadHeadAsync();
            arrived.Release();
            await c.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Memory = 64L << 30, Sticky = false, Loops = 1 }, backend.Address);
        lane.Plane.Memory.Use = () => 0;

        // The last look may have been before, and found what other tests have taken since the start.
        lane.Plane.Memory.Look();
        long ownUse = lane.Plane.Memory.Used;
        long others = (64L << 30) - ownUse - 1_000_000;
        lane.Plane.Memory.Count(() => others);
        List<RawClient> clients = [];
        try
        {
            while (true)
            {
                RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
                clients.Add(client);
                await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
                Task refused = client.ReadAnswerAsync();
                if (await Task.WhenAny(arrived.WaitAsync(), refused) == refused)
                {
                    break;
                }
            }

            Assert.InRange(clients.Count, 2, 50);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        others = 0;
        await TestLane.UntilAsync(() => !lane.Plane.Memory.IsFull && lane.Plane.Memory.Used <= ownUse);
    }

    [Fact]
    public async Task Far_beyond_the_limit_new_connections_are_closed_at_once()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("one");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        await UseAsync(lane, MemoryLevel.Over);

        Assert.Equal("", await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        Assert.Equal(1, lane.Plane.Connections.Listeners.Single().Value.RefusedForMemory);
    }

    private static async Task UseAsync(TestLane lane, MemoryLevel level)
    {
        MemoryGate memory = lane.Plane.Memory;
        memory.Collect = () => { };
        long used = level switch
        {
            MemoryLevel.Free => 0,
            MemoryLevel.Full => memory.Limit,
            _ => 2 * memory.Limit,
        };
        memory.Use = () => used;
        await TestLane.UntilAsync(() => memory.Level == level);
    }
}
