using System.Text;
using ActorLb.Engine.AccessLogs;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>An access log that is switched on, moved and switched off under load.</summary>
public abstract class AccessLogChangeTests(ListenerEngine engine) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorlb-test-").FullName;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_log_that_was_replaced_before_anybody_looked_is_written_as_well()
    {
        await using SampleBackend backend = await OkAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { AccessLog = Log("a.log") }, backend.Address);
        await AskAsync();
        await lane.ApplyAsync(t => t with { AccessLog = Log("b.log") });
        await AskAsync();
        await lane.ApplyAsync(t => t with { AccessLog = Log("c.log") });
        await AskAsync();
        var writer = new AccessLogWriter(() => lane.Plane.AccessLog, NullLogger.Instance, TimeProvider.System);
        writer.Start();
        await lane.DisposeAsync();
        await writer.StopAsync();
        Assert.All(["a.log", "b.log", "c.log"], f => Assert.Single(File.ReadAllLines(Path.Combine(_folder, f))));

        // Behind the answer comes its line, and behind that the end of the connection.
        async Task AskAsync() => Assert.EndsWith(
            "ok", await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_line_is_lost_between_one_log_and_the_next()
    {
        await using SampleBackend backend = await OkAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { AccessLog = Log("0.log") }, backend.Address);
        var writer = new AccessLogWriter(() => lane.Plane.AccessLog, NullLogger.Instance, TimeProvider.System);
        writer.Start();
        int served = 0;
        using var stop = new CancellationTokenSource();
        Task clients = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await lane.GetAsync();
                Interlocked.Increment(ref served);
            }
        })));

        for (int i = 1; i <= 6; i++)
        {
            int until = Volatile.Read(ref served) + 50;
            await TestLane.UntilAsync(() => Volatile.Read(ref served) >= until);

            // Another file, another buffer or form in the same one.
            AccessLogSettings next = i % 2 == 0 ? Log($"{i}.log") : Log($"{i - 1}.log") with { BufferBytes = 1 << 17, Format = AccessLogFormat.Combined };
            await lane.ApplyAsync(t => t with { AccessLog = next });
        }

        await stop.CancelAsync();
        await clients;
        await lane.DisposeAsync();
        await writer.StopAsync();
        string[] lines = [.. Directory.GetFiles(_folder).SelectMany(f => File.ReadAllLines(f, Encoding.ASCII))];
        Assert.Equal(served, lines.Length);
        Assert.All(lines, l => Assert.True(l.EndsWith('}') || l.EndsWith('-'), l));
        Assert.Equal((served, 0), (lane.Plane.AccessLogTotals.Written, lane.Plane.AccessLogTotals.Dropped));
    }

    [Fact]
    public async Task A_request_that_was_begun_without_a_log_or_with_one_ends_whatever_there_is_by_then()
    {
        await using SampleBackend backend = await OkAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient half = await RawClient.ConnectAsync(lane.Endpoint);
        for (int i = 0; i < 4; i++)
        {
            await half.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1");
            await TestLane.UntilAsync(() => lane.Traffic(backend.Address).Requests == i + 1);
            await lane.ApplyAsync(t => t with { AccessLog = i % 2 == 0 ? Log("a.log") : AccessLogSettings.Off });
            await half.SendAsync("2");
            Assert.Equal("ok", (await half.ReadAnswerAsync()).Body);
        }
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_refused_by_its_key()
    {
        await using SampleBackend backend = await OkAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        IOException refusal = await Assert.ThrowsAnyAsync<IOException>(() => lane.ApplyAsync(t => t with { AccessLog = Log("none/a.log") }));

        Assert.Contains("(access-log.path)", refusal.Message, StringComparison.Ordinal);
        Assert.Null(lane.Plane.AccessLog);
    }

    private AccessLogSettings Log(string name) => new(Path.Combine(_folder, name), AccessLogFormat.Json, 1 << 18);

    private static Task<SampleBackend> OkAsync() => SampleBackend.StartAsync(async c =>
    {
        await c.Request.Body.CopyToAsync(Stream.Null);
        c.Response.ContentLength = 2;
        await c.Response.WriteAsync("ok");
    });
}
