using System.Net.Sockets;
using System.Text;
using ActorLb.Node.Admin;
using ActorLb.Node.Dashboard;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What fails at a pool's only backend fails of the pool, its route, its listener and the node, for the same reason, and nothing else does.</summary>
public abstract class BrokenAnswerCountTests(ListenerEngine engine)
{
    private const string Host = "shop.test";

    /// <summary>A Close frame of status 1001 (RFC 6455, 5.5.1).</summary>
    private static readonly byte[] GoingAway = [0x88, 2, 3, 0xE9];

    /// <summary>What a backend does, with the reason for which it failed; null: it did not.</summary>
    public static TheoryData<string, string?> Ends() => new()
    {
        { "length", "backend-reset" },
        { "length-reset", "backend-reset" },
        { "chunks", "backend-reset" },
        { "chunks-malformed", "backend-bad-response" },
        { "not-found", "backend-reset" },
        { "error", "backend-reset" },
        { "stream", "backend-reset" },
        { "stream-ended", null },
        { "silence", "backend-timeout" },
        { "until-close", null },
        { "until-reset", "backend-reset" },
        { "tunnel-ended", null },
        { "tunnel-reset", "backend-reset" },
        { "tunnel-reset-behind-its-client", null },
        { "tunnel-left", null },
        { "websocket-reset-behind-its-close", null },
        { "websocket-reset", "backend-reset" },
        { "error-left", "" },
        { "left", null },
        { "whole", null },
        { "whole-error", "" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task An_answer_that_breaks_off_has_failed_wherever_failures_are_counted(string how, string? reason)
    {
        var headSeen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(connection => ServeAsync(connection, how, headSeen.Task));
        await using TestLane lane = await TestLane.StartAsync(
            engine,
            new LaneOptions { Sticky = false, RetryAttempts = 0, Host = Host, Upgrades = ["echo", "websocket"], ResponseTimeout = TimeSpan.FromSeconds(how == "silence" ? 2 : 60) },
            backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        bool isTunnel = how.StartsWith("tunnel", StringComparison.Ordinal);
        string protocol = isTunnel ? "echo" : how.StartsWith("websocket", StringComparison.Ordinal) ? "websocket" : "";
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {Host}\r\n{(protocol.Length > 0 ? $"Connection: Upgrade\r\nUpgrade: {protocol}" : "Connection: close")}\r\n\r\n");
        await client.ReadHeadAsync();
        if (how == "websocket-reset-behind-its-close")
        {
            byte[] frame = new byte[GoingAway.Length];
            await client.Stream.ReadExactlyAsync(frame);
            Assert.Equal(GoingAway, frame);
        }

        headSeen.SetResult();
        if (isTunnel)
        {
            Assert.Equal("hello", await client.Stream.ReadTextAsync(5));
        }

        switch (how)
        {
            case "tunnel-reset-behind-its-client":
                client.Finish();
                break;
            case "left" or "tunnel-left" or "error-left":
                client.Reset();
                break;
            case "tunnel-ended" or "tunnel-reset":
                await client.SendAsync("bye");
                break;
        }

        if (how is not ("left" or "tunnel-left" or "error-left"))
        {
            await ReadToAnEndAsync(client);
        }

        FigureSubject pool = new(SubjectKind.Pool, "web");
        await TestLane.UntilAsync(() => Read(lane)[pool].Requests == 1);
        client.Dispose();
        await TestLane.UntilAsync(() => lane.Plane.Connections.Open == 0);
        Dictionary<FigureSubject, FigureTotals> read = Read(lane);
        FigureSubject[] asked =
        [
            pool,
            FigureSubject.Of(new BackendName("web", backend.Address.Authority)),
            new(SubjectKind.Route, Host + "/"),
            new(SubjectKind.Route, Host + "/", "web"),
            FigureSubject.Node,
            read.Keys.Single(s => s.Kind == SubjectKind.Listener),
        ];
        Assert.All(asked, s => Assert.Equal((s, 1, reason is null ? 0 : 1), (s, read[s].Requests, read[s].Failures)));
        FailureCount[] reasons = reason is null ? [] : [new FailureCount(reason, 1)];
        Assert.All(asked[..^1], s => Assert.Equal(reasons, FailureCount.Of(read[s].Reasons)));

        string metrics = Encoding.UTF8.GetString(RequestMetrics.Write(lane.Plane.Measurements.Read(), MetricFormat.Prometheus));
        string[] failed = [.. metrics.Split('\n').Where(l => l.StartsWith("actorlb_pool_failed_requests_total{", StringComparison.Ordinal) && !l.EndsWith(" 0", StringComparison.Ordinal))];
        Assert.Equal(reasons.Select(r => $"actorlb_pool_failed_requests_total{{pool=\"web\",reason=\"{r.Label}\"}} 1"), failed);
    }

    private static Dictionary<FigureSubject, FigureTotals> Read(TestLane lane) => new FigureSource(lane.Plane).Read().ToDictionary(f => f.Subject, f => f.Totals);

    private static async Task ReadToAnEndAsync(RawClient client)
    {
        try
        {
            await client.ReadToEndAsync();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // A reset is an end as well.
        }
    }

    private static async Task ServeAsync(RawConnection connection, string how, Task headSeen)
    {
        await connection.ReadHeadAsync();
        switch (how)
        {
            case "length" or "length-reset" or "left" or "silence":
                await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
                break;
            case "chunks":
                await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
                break;
            case "chunks-malformed":
                await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
                await headSeen;
                await connection.WriteAsync("none\r\n");
                break;
            case "not-found":
                await connection.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nabc");
                break;
            case "error" or "error-left":
                await connection.WriteAsync("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\nabc");
                break;
            case "stream" or "stream-ended":
                await connection.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n{(how == "stream" ? "" : "0\r\n\r\n")}");
                break;
            case "websocket-reset-behind-its-close" or "websocket-reset":
                await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
                await connection.Stream.WriteAsync(how == "websocket-reset" ? [] : GoingAway);
                break;
            case "until-close" or "until-reset":
                await connection.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
                break;
            case "whole":
                await connection.AnswerAsync("abc");
                break;
            case "whole-error":
                await connection.WriteAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\n\r\nabc");
                break;
            default:
                await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello");
                break;
        }

        // Before its client has the head it is not the answer that fails, but the request.
        await headSeen;
        switch (how)
        {
            case "tunnel-ended" or "tunnel-reset":
                await connection.Stream.ReadTextAsync(3);
                break;
            case "silence" or "left" or "error-left" or "tunnel-left" or "tunnel-reset-behind-its-client":
                await connection.UntilClosedAsync();
                break;
        }

        if (how is "length-reset" or "until-reset" or "tunnel-reset" or "tunnel-reset-behind-its-client" or "websocket-reset" or "websocket-reset-behind-its-close")
        {
            connection.Reset();
        }
    }
}

public sealed class KestrelBrokenAnswerCountTests() : BrokenAnswerCountTests(ListenerEngine.Kestrel);

public sealed class EpollBrokenAnswerCountTests() : BrokenAnswerCountTests(ListenerEngine.Epoll);
