using ActorLb.Engine.Listeners;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What a lane lets in and keeps where the process has few descriptors.</summary>
public abstract class DescriptorLimitTests(ListenerEngine engine)
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    [Fact]
    public async Task Whoever_comes_when_descriptors_are_given_out_is_closed_at_once_and_the_others_are_served()
    {
        await using var backend = new RawBackend(AnswerAllAsync);
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        lane.Plane.Connections.Fit(new DescriptorShares(Clients: 2, Kept: 10, Reserve: 0));
        using RawClient first = await RawClient.ConnectAsync(lane.Endpoint);
        await AskAsync(first);
        RawClient second = await RawClient.ConnectAsync(lane.Endpoint);
        await AskAsync(second);

        using (RawClient third = await RawClient.ConnectAsync(lane.Endpoint))
        {
            Assert.Equal("", await third.ReadToEndAsync());
        }

        ListenerConnections counts = lane.Plane.Connections.Listeners.Single().Value;
        Assert.Equal((1, 0), (counts.RefusedForDescriptors, counts.RefusedForListener));
        await AskAsync(first);

        second.Dispose();
        await TestLane.UntilAsync(() => counts.Open == 1);
        using RawClient fourth = await RawClient.ConnectAsync(lane.Endpoint);
        await AskAsync(fourth);
    }

    [Fact]
    public async Task No_more_unused_connections_are_kept_than_there_are_descriptors_for()
    {
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int asked = 0;
        int closed = 0;
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            if (Interlocked.Increment(ref asked) == 3)
            {
                all.SetResult();
            }

            await all.Task;
            await connection.AnswerAsync("");
            await connection.UntilClosedAsync();
            Interlocked.Increment(ref closed);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1 }, backend.Address);
        lane.Plane.Connections.Fit(new DescriptorShares(Clients: 10, Kept: 2, Reserve: 0));
        RawClient[] clients = [.. await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RawClient.ConnectAsync(lane.Endpoint)))];

        await Task.WhenAll(clients.Select(AskAsync));

        await TestLane.UntilAsync(() => Volatile.Read(ref closed) == 2);
        Array.ForEach(clients, c => c.Dispose());
    }

    private static async Task AnswerAllAsync(RawConnection connection)
    {
        while (await connection.ReadHeadAsync() is not null)
        {
            await connection.AnswerAsync("");
        }
    }

    private static async Task AskAsync(RawClient client)
    {
        await client.SendAsync(Request);
        Assert.StartsWith("HTTP/1.1 200", (await client.ReadAnswerAsync()).Head, StringComparison.Ordinal);
    }
}
