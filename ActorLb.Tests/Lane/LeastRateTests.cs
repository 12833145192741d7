using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class LeastRateTests(ListenerEngine engine)
{
    private static readonly LaneOptions Rates = new()
    {
        BodyRateMin = 1000,
        ReadRateMin = 1000,
        RateWindow = TimeSpan.FromSeconds(2),
    };

    [Fact]
    public async Task A_body_that_drips_is_ended_with_a_reason()
    {
        await using var backend = new RawBackend(async c =>
        {
            await c.ReadHeadAsync();
            await c.Stream.ReadExactlyAsync(new byte[100_000], c.Stopping);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Rates, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");

        using var ended = new CancellationTokenSource();
        Task dripping = DripAsync(client, ended.Token);
        string head = await client.ReadHeadAsync();
        await ended.CancelAsync();
        await dripping;

        Assert.StartsWith("HTTP/1.1 408 ", head, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: body-too-slow", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_client_that_does_not_take_its_answer_is_ended()
    {
        var left = new TaskCompletionSource();
        await using var backend = new RawBackend(async c =>
        {
            await c.ReadHeadAsync();
            await c.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            await SendForEverAsync(c, left);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Rates, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        await left.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.True((await client.ReadToEndAsync()).Length < 1_000_000_000);
    }

    [Fact]
    public async Task A_backend_that_does_not_take_a_body_is_not_the_clients_fault()
    {
        var answers = new TaskCompletionSource();
        await using var backend = new RawBackend(async c =>
        {
            await c.ReadHeadAsync();
            await answers.Task;
            await c.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            await c.Stream.ReadExactlyAsync(new byte[20_000_000], c.Stopping);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Rates, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n");
        Task sending = client.SendAsync(new string('x', 20_000_000));

        // Three times as long as it takes to end what is too slow.
        await Task.Delay(3 * Rates.RateWindow);
        answers.SetResult();

        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        client.Dispose();
        await sending.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task An_event_stream_may_be_read_as_slowly_as_its_reader_likes()
    {
        var left = new TaskCompletionSource();
        await using var backend = new RawBackend(async c =>
        {
            await c.ReadHeadAsync();
            await c.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
            await SendForEverAsync(c, left);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Rates, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        await Task.Delay(3 * Rates.RateWindow);

        Assert.False(left.Task.IsCompleted);
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    private static async Task SendForEverAsync(RawConnection backend, TaskCompletionSource left)
    {
        try
        {
            while (true)
            {
                await backend.WriteAsync(new string('x', 100_000));
            }
        }
        catch (IOException)
        {
            left.SetResult();
        }
    }

    private static async Task DripAsync(RawClient client, CancellationToken ended)
    {
        try
        {
            while (!ended.IsCancellationRequested)
            {
                await client.SendAsync("x");
                await Task.Delay(50, ended);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It was ended.
        }
    }
}
