using System.Net;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>How long a connection to a backend is kept for the next request.</summary>
public abstract class KeptConnectionTests(ListenerEngine engine)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task A_connection_is_closed_when_the_pool_or_the_backend_says_so_or_when_it_is_old()
    {
        await Closes(new LaneOptions { PoolBackendIdleTimeout = Short }, "");
        await Closes(new LaneOptions { ConnectionAgeMax = Short }, "");
        await Closes(new LaneOptions { BackendIdleTimeout = TimeSpan.Zero }, "Keep-Alive: timeout=1, max=5\r\n");
    }

    [Fact]
    public async Task A_backend_that_keeps_no_connections_gets_each_request_on_a_new_one()
    {
        await using RawBackend backend = Answering("Keep-Alive: timeout=0\r\n");
        await using TestLane lane = await StartAsync(new LaneOptions(), backend.Address);
        await lane.GetAsync();
        await lane.GetAsync();
        Assert.Equal((2, 2), (backend.Connections, backend.Requests));
    }

    [Fact]
    public async Task What_a_backend_closed_while_it_was_kept_teaches_how_long_to_keep()
    {
        var closes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.AnswerAsync("ok");
            await closes.Task;
        });
        await using TestLane lane = await StartAsync(new LaneOptions(), backend.Address);
        await lane.GetAsync();
        closes.SetResult();
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).Idle.State.ClosedAfter is not null);
        Assert.True(lane.Traffic(backend.Address).Idle.State.Keep(0, now: 0) < 30_000);
    }

    [Fact]
    public async Task A_request_that_cannot_be_sent_again_takes_no_connection_that_may_be_closing()
    {
        await using RawBackend backend = Answering("");
        await using TestLane lane = await StartAsync(new LaneOptions(), backend.Address);
        await lane.GetAsync();

        // The backend was seen to close after less time than any connection of this test is kept.
        lane.Traffic(backend.Address).Idle.ClosedAfter(0, now: long.MaxValue / 2);
        Assert.Equal(100, lane.Traffic(backend.Address).Idle.State.KeepForUnrepeatable);
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        using (HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Post, "/", content: new ByteArrayContent([])))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(2, backend.Connections);
    }

    [Fact]
    public async Task The_time_for_an_answer_may_be_the_pools_own()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await StartAsync(new LaneOptions { PoolResponseTimeout = Short }, backend.Address);
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
    }

    [Fact]
    public async Task Where_a_name_leads_elsewhere_requests_go_there_and_kept_connections_are_closed()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var before = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.AnswerAsync("before");
            await connection.UntilClosedAsync();
            closed.SetResult();
        });
        int port = before.Address.Port;
        using var after = new System.Net.Sockets.TcpListener(IPAddress.Parse("127.0.0.2"), port);
        after.Start();
        var backend = new Uri($"http://moving.invalid:{port}");
        await using TestLane lane = await StartAsync(new LaneOptions { BackendIdleTimeout = TimeSpan.Zero }, backend);
        lane.Plane.Addresses.Of(backend);
        lane.Plane.Addresses.Set("moving.invalid", [IPAddress.Loopback]);
        Assert.Equal("before", await lane.GetAsync());

        Assert.True(lane.Plane.Addresses.Set("moving.invalid", [IPAddress.Parse("127.0.0.2")]));

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Task<string> asked = lane.GetAsync();
        using System.Net.Sockets.TcpClient connection = await after.AcceptTcpClientAsync();
        await connection.GetStream().ReadTextAsync(4);
        await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nafter"u8.ToArray());
        Assert.Equal("after", await asked);
    }

    private async Task Closes(LaneOptions options, string field)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawBackend backend = Answering(field, closed);
        await using TestLane lane = await StartAsync(options, backend.Address);
        await lane.GetAsync();
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(25));
    }

    private static RawBackend Answering(string field, TaskCompletionSource? closed = null) => new(async connection =>
    {
        while (await connection.ReadHeadAsync() is not null)
        {
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\n{field}Content-Length: 2\r\n\r\nok");
        }

        closed?.TrySetResult();
    });

    private Task<TestLane> StartAsync(LaneOptions options, Uri backend) => TestLane.StartAsync(engine, options, backend);
}
