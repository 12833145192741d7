using System.Net;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class StreamingTests(ListenerEngine engine)
{
    private const long BodyBytes = 256L << 20;
    private const long HeldMax = 64L << 20;

    [Fact]
    public async Task A_large_answer_streams_through_in_bounded_memory()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(async c =>
        {
            c.Response.ContentLength = BodyBytes;
            var block = new byte[1 << 16];
            for (long sent = 0; sent < BodyBytes; sent += block.Length)
            {
                await c.Response.Body.WriteAsync(block);
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        using HttpResponseMessage response = await lane.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        await using Stream body = await response.Content.ReadAsStreamAsync();
        (long received, long held) = await DrainAsync(body);

        Assert.Equal(BodyBytes, received);
        Assert.InRange(held - before, long.MinValue, HeldMax);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_request_streams_through_in_bounded_memory(bool chunked)
    {
        long received = 0;
        long held = 0;
        await using SampleBackend a = await SampleBackend.StartAsync(async c => (received, held) = await DrainAsync(c.Request.Body));
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Post, "/", content: new Zeros(BodyBytes, chunked));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(BodyBytes, received);
        Assert.InRange(held - before, long.MinValue, HeldMax);
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_the_request_at_the_backend()
    {
        var cancelled = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using SampleBackend a = await SampleBackend.StartAsync(async c =>
        {
            c.RequestAborted.Register(cancelled.SetResult);
            arrived.SetResult();
            await cancelled.Task;
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        var client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));

        client.Dispose();

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await TestLane.UntilAsync(() => lane.Traffic(a.Address).InFlight == 0);
        Assert.Equal(0, lane.Traffic(a.Address).Failures);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_midst_of_its_answer_ends_it_at_the_backend()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SampleBackend a = await SampleBackend.StartAsync(async c =>
        {
            c.RequestAborted.Register(() => cancelled.TrySetResult());
            var block = new byte[1 << 16];
            while (true)
            {
                await c.Response.Body.WriteAsync(block, c.RequestAborted);
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        var client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.ReadHeadAsync();

        client.Dispose();

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await TestLane.UntilAsync(() => lane.Traffic(a.Address).InFlight == 0);
        Assert.Equal(0, lane.Traffic(a.Address).Failures);
    }

    [Fact]
    public async Task Server_sent_events_arrive_one_by_one_and_their_head_before_the_first()
    {
        var next = new SemaphoreSlim(0);
        await using SampleBackend a = await SampleBackend.StartAsync(async c =>
        {
            c.Response.ContentType = "text/event-stream";
            await c.Response.Body.FlushAsync();
            for (int i = 1; i <= 3; i++)
            {
                await next.WaitAsync();
                await c.Response.WriteAsync($"data: {i}\n\n");
                await c.Response.Body.FlushAsync();
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        using HttpResponseMessage response = await lane.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (int i = 1; i <= 3; i++)
        {
            next.Release();
            Assert.Equal($"data: {i}", await events.ReadLineAsync());
            Assert.Equal("", await events.ReadLineAsync());
        }
    }

    [Fact]
    public async Task A_client_that_expects_100_continue_gets_it_from_the_backend()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(c => c.Request.Body.CopyToAsync(c.Response.Body));
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await client.SendAsync("body");

        string answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("body", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_expects_100_continue_and_is_refused_need_not_send_its_body()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\nExpect: 100-continue\r\n\r\n");
        (string head, string body) = await client.ReadAnswerAsync();

        Assert.StartsWith("HTTP/1.1 403", head, StringComparison.Ordinal);
        Assert.Equal("no", body);
    }

    private static async Task<(long Bytes, long Held)> DrainAsync(Stream body)
    {
        var buffer = new byte[1 << 16];
        long total = 0;
        long held = 0;
        long next = 32L << 20;
        for (int count; (count = await body.ReadAsync(buffer)) > 0;)
        {
            total += count;
            if (total >= next)
            {
                held = Math.Max(held, GC.GetTotalMemory(forceFullCollection: true));
                next += 32L << 20;
            }
        }

        return (total, held);
    }

    /// <summary>A body that is made while it is sent.</summary>
    private sealed class Zeros(long length, bool chunked) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var block = new byte[1 << 16];
            for (long sent = 0; sent < length; sent += block.Length)
            {
                await stream.WriteAsync(block);
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return !chunked;
        }
    }
}
