using System.Net.Sockets;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class ShutdownTests(ListenerEngine engine)
{
    [Fact]
    public async Task Stopping_finishes_requests_in_flight_and_closes_idle_connections()
    {
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using SampleBackend a = await SampleBackend.StartAsync(async c =>
        {
            if (c.Request.Path == "/slow")
            {
                arrived.SetResult();
                await answer.Task;
            }

            await c.Response.WriteAsync("done");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        using RawClient idle = await RawClient.ConnectAsync(lane.Endpoint);
        await idle.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await idle.ReadHeadAsync();
        using RawClient busy = await RawClient.ConnectAsync(lane.Endpoint);
        await busy.SendAsync("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Task stopping = lane.Lane.StopAsync(CancellationToken.None);
        await idle.ReadToEndAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => RawClient.ConnectAsync(lane.Endpoint));
        Assert.False(stopping.IsCompleted);
        answer.SetResult();

        string last = await busy.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200", last, StringComparison.Ordinal);
        Assert.Contains("done", last, StringComparison.Ordinal);
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_lane_that_leaves_asks_its_clients_to_go_and_is_done_when_they_have()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(c => c.Response.WriteAsync("done"));
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        using RawClient kept = await RawClient.ConnectAsync(lane.Endpoint);
        await kept.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.DoesNotContain("Connection: close", await kept.ReadHeadAsync(), StringComparison.Ordinal);

        Task leaving = lane.Lane.LeaveAsync(TimeSpan.FromMinutes(5), CancellationToken.None);
        using RawClient late = await RawClient.ConnectAsync(lane.Endpoint);
        foreach (RawClient client in (RawClient[])[kept, late])
        {
            Assert.False(leaving.IsCompleted);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            string answer = await client.ReadToEndAsync();
            Assert.Contains("HTTP/1.1 200", answer, StringComparison.Ordinal);
            Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        }

        await leaving.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_lane_that_has_left_refuses_who_comes_and_answers_who_was_there()
    {
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using SampleBackend a = await SampleBackend.StartAsync(async c =>
        {
            arrived.SetResult();
            await answer.Task;
            await c.Response.WriteAsync("done");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        using RawClient busy = await RawClient.ConnectAsync(lane.Endpoint);
        await busy.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await lane.Lane.LeaveAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        await Assert.ThrowsAnyAsync<SocketException>(() => RawClient.ConnectAsync(lane.Endpoint));
        answer.SetResult();
        Assert.Contains("done", await busy.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_never_stop_coming_are_all_answered_or_turned_away_before_they_asked()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(c => c.Response.WriteAsync("done"));
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        var answered = 0;
        using var over = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(ComeAgainAsync))];
        await TestLane.UntilAsync(() => Volatile.Read(ref answered) > 100);

        await lane.Lane.LeaveAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        await lane.Lane.StopAsync(CancellationToken.None);
        await over.CancelAsync();
        await Task.WhenAll(clients);

        async Task ComeAgainAsync()
        {
            while (!over.IsCancellationRequested)
            {
                RawClient client;
                try
                {
                    client = await RawClient.ConnectAsync(lane.Endpoint).WaitAsync(over.Token);
                }
                catch (Exception e) when (e is System.Net.Sockets.SocketException or OperationCanceledException)
                {
                    return;
                }

                using (client)
                {
                    await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                    Assert.Contains("done", await client.ReadToEndAsync(), StringComparison.Ordinal);
                    Interlocked.Increment(ref answered);
                }
            }
        }
    }

    [Fact]
    public async Task A_lane_waits_no_longer_for_idle_clients_than_it_was_told()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(c => c.Response.WriteAsync("done"));
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        using RawClient idle = await RawClient.ConnectAsync(lane.Endpoint);
        await idle.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await idle.ReadHeadAsync();

        await lane.Lane.LeaveAsync(TimeSpan.FromMilliseconds(50), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        await lane.Lane.StopAsync(CancellationToken.None);
        await idle.ReadToEndAsync();
    }

    [Fact]
    public async Task Stopping_cuts_off_what_is_not_done_when_the_token_fires()
    {
        var arrived = new TaskCompletionSource();
        await using SampleBackend a = await SampleBackend.StartAsync(async c =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, c.RequestAborted);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        using RawClient busy = await RawClient.ConnectAsync(lane.Endpoint);
        await busy.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await lane.Lane.StopAsync(patience.Token);

        Assert.DoesNotContain("200 OK", await busy.ReadToEndAsync(), StringComparison.Ordinal);
        await TestLane.UntilAsync(() => lane.Traffic(a.Address).InFlight == 0);
    }
}
