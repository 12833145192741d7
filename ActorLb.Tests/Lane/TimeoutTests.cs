using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Those of the limits whose end is a closed connection and no answer.</summary>
public abstract class TimeoutTests(ListenerEngine engine)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_client_that_asks_nothing_more_is_closed_when_its_time_is_over(int requests)
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { IdleTimeout = Short }, a.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        for (int i = 0; i < requests; i++)
        {
            await client.SendAsync("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("", await client.ReadToEndAsync());

        Assert.Equal(requests, a.Seen.Count);
    }

    [Fact]
    public async Task A_backend_that_falls_silent_in_its_answer_is_given_up_and_the_client_cut_off()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
            try
            {
                await connection.UntilClosedAsync();
            }
            finally
            {
                closed.SetResult();
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { ResponseTimeout = Short }, backend.Address);

        await Assert.ThrowsAsync<HttpRequestException>(() => lane.GetAsync());

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).InFlight == 0);
    }

    [Fact]
    public async Task A_connection_to_a_backend_that_nobody_needs_is_closed_when_its_time_is_over()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.AnswerAsync("ok");
            await connection.UntilClosedAsync();
            closed.SetResult();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { BackendIdleTimeout = Short }, backend.Address);

        Assert.Equal("ok", await lane.GetAsync());

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }
}
