using ActorLb.Shared.Settings;
using ActorLb.Tests.Lane;
using Xunit;

namespace ActorLb.Tests.Epoll;

/// <summary>
/// Both directions of a connection on their own, as the event loops have them. Kestrel takes a client that has ended its
/// side for one that is gone, and HttpClient reads no answer before the request was sent.
/// </summary>
public sealed class TwoWayTests
{
    private const string Upgrade = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n";

    private const string Switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n";

    private static readonly LaneOptions Options = new() { Engine = ListenerEngine.Epoll, Upgrades = ["other"] };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_may_come_while_the_request_is_still_on_its_way(bool chunked)
    {
        string Framed(string text) => chunked ? $"5\r\n{text}\r\n" : text;
        string framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: 10";
        int length = chunked ? 10 : 5;
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            string first = await connection.Stream.ReadTextAsync(length);
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {2 * length}\r\n\r\n{first}");
            await connection.WriteAsync(await connection.Stream.ReadTextAsync(length));
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n{Framed("hello")}");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(Framed("hello"), await client.Stream.ReadTextAsync(length));
        await client.SendAsync(Framed("world"));
        Assert.Equal(Framed("world"), await client.Stream.ReadTextAsync(length));
    }

    [Fact]
    public async Task A_client_that_has_ended_its_side_still_gets_its_answer()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await ended.Task;
            await connection.AnswerAsync("still here");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await TestLane.UntilAsync(() => backend.Requests == 1);

        client.Finish();
        ended.SetResult();

        string answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.EndsWith("still here", answer, StringComparison.Ordinal);
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).InFlight == 0);
    }

    [Fact]
    public async Task A_tunnel_whose_client_has_ended_its_side_carries_what_the_backend_still_says()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(Switched);
            await connection.UntilClosedAsync();
            await connection.WriteAsync("goodbye");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(Upgrade);
        Assert.StartsWith("HTTP/1.1 101", await client.ReadHeadAsync(), StringComparison.Ordinal);

        client.Finish();

        Assert.Equal("goodbye", await client.ReadToEndAsync());
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).InFlight == 0);
    }

    [Fact]
    public async Task A_tunnel_whose_backend_has_ended_its_side_carries_what_the_client_still_says()
    {
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(Switched);
            connection.Client.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            heard.SetResult(await connection.Stream.ReadTextAsync(7));
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(Upgrade);
        Assert.StartsWith("HTTP/1.1 101", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("", await client.ReadToEndAsync());

        await client.SendAsync("goodbye");

        Assert.Equal("goodbye", await heard.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }
}
