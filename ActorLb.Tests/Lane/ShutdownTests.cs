using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class ShutdownTests
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
        await using TestLane lane = await TestLane.StartAsync(a.Address);
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
    public async Task Stopping_cuts_off_what_is_not_done_when_the_token_fires()
    {
        var arrived = new TaskCompletionSource();
        await using SampleBackend a = await SampleBackend.StartAsync(async c =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, c.RequestAborted);
        });
        await using TestLane lane = await TestLane.StartAsync(a.Address);
        using RawClient busy = await RawClient.ConnectAsync(lane.Endpoint);
        await busy.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await lane.Lane.StopAsync(patience.Token);

        Assert.DoesNotContain("200 OK", await busy.ReadToEndAsync(), StringComparison.Ordinal);
        await TestLane.UntilAsync(() => lane.Traffic(a.Address).InFlight == 0);
    }
}
