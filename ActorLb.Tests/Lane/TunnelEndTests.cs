using System.Net.WebSockets;
using ActorLb.Engine.Failures;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using ActorLb.Tests.WebSockets;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>How what is open for long ends that may not stay, and that it keeps its session until then.</summary>
public abstract class TunnelEndTests(ListenerEngine engine)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const string Upgrade =
        "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

    private const string Switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    private enum End
    {
        Maintenance,
        DrainOver,
        DownAndMoved,
        Down,
        DrainsAndMoved,
    }

    public static TheoryData<string, string> Ends() => new()
    {
        { nameof(End.Maintenance), "BackendInMaintenance" },
        { nameof(End.DrainOver), "BackendDrained" },
        { nameof(End.DownAndMoved), "SessionMoved" },
        { nameof(End.Down), "BackendDown" },
        { nameof(End.DrainsAndMoved), "SessionMoved" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_web_socket_that_may_not_stay_is_closed_with_1001_and_both_sides_close_in_order(string how, string reason)
    {
        var closed = new TaskCompletionSource<WebSocketCloseStatus?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SampleBackend backend = await ReportingEchoAsync("a", closed);
        await using SampleBackend other = await WebSocketTests.EchoAsync("b");
        await using TestLane lane = await TestLane.StartAsync(
            engine,
            new LaneOptions { WhenDown = how == nameof(End.Down) ? WhenDown.CloseTunnels : WhenDown.KeepTunnels },
            backend.Address,
            other.Address);
        using ClientWebSocket socket = await ConnectAsync(lane, "a", other);
        await TestLane.UntilAsync(() => lane.Plane.Tables["web"].Count == 1);
        Assert.Equal(1, lane.Traffic(backend.Address).Tunnels);

        Cause(lane, backend, other, how);

        ValueWebSocketReceiveResult last = await ReceiveAsync(socket);
        Assert.Equal(WebSocketMessageType.Close, last.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, CancellationToken.None);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await closed.Task.WaitAsync(Patience));
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address) is { InFlight: 0, Tunnels: 0 });
        Assert.Equal(1, lane.Plane.Closed[Enum.Parse<FailureReason>(reason)]);
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Fact]
    public async Task A_backend_that_stays_silent_after_the_client_has_ended_its_side_keeps_no_tunnel_open()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(Switched);
            await connection.UntilClosedAsync();
            await Task.Delay(Timeout.Infinite, connection.Stopping);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(Upgrade);
        await client.ReadHeadAsync();
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).Tunnels == 1);

        client.Finish();

        await TestLane.UntilAsync(() => lane.Traffic(backend.Address) is { InFlight: 0, Tunnels: 0 });
    }

    [Fact]
    public async Task A_web_socket_that_works_at_a_backend_that_is_down_stays_until_its_session_moves()
    {
        await using SampleBackend backend = await WebSocketTests.EchoAsync("a");
        await using SampleBackend other = await WebSocketTests.EchoAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address, other.Address);
        using ClientWebSocket socket = await ConnectAsync(lane, "a", other);
        await TestLane.UntilAsync(() => lane.Plane.Tables["web"].Count == 1);
        Binding session = Known(lane);

        lane.Publish(backend.Address, BackendHealth.Down);
        await LookedAtAsync(lane);
        Assert.Equal("a:still", await WebSocketTests.EchoAsync(socket, "still"));

        // Up again, and moved by a node that alone could not connect.
        lane.Publish(backend.Address);
        Move(lane, session, other);
        await LookedAtAsync(lane);
        Assert.Equal("a:here", await WebSocketTests.EchoAsync(socket, "here"));

        lane.Publish(backend.Address, BackendHealth.Down);
        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(socket)).MessageType);
    }

    [Fact]
    public async Task The_close_frame_stands_between_two_frames_and_nothing_follows_it()
    {
        byte[] frame = FrameBoundariesTests.Frame(2, 200_000, masked: false);
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(Switched);
            await connection.Stream.WriteAsync(frame.AsMemory(0, 100_000));
            await rest.Task;
            await connection.Stream.WriteAsync(frame.AsMemory(100_000));
            await connection.Stream.WriteAsync(FrameBoundariesTests.Frame(1, 50, masked: false));
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(Upgrade);
        await client.ReadHeadAsync();
        var received = new byte[frame.Length + 4];
        await client.Stream.ReadExactlyAsync(received.AsMemory(0, 100_000));

        lane.Publish(backend.Address, state: OperatorState.Maintenance);
        await TestLane.UntilAsync(() => lane.Plane.Closed[FailureReason.BackendInMaintenance] == 1);
        rest.SetResult();
        await client.Stream.ReadExactlyAsync(received.AsMemory(100_000)).AsTask().WaitAsync(Patience);

        Assert.Equal(frame, received[..frame.Length]);
        Assert.Equal([0x88, 0x02, 0x03, 0xE9], received[frame.Length..]);
        await client.Stream.WriteAsync(new byte[] { 0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9 });
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task What_a_client_sends_until_it_has_closed_reaches_the_backend()
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(Switched);
            seen.SetResult(await connection.Stream.ReadTextAsync(14 + 8));
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(Upgrade);
        await client.ReadHeadAsync();
        byte[] message = FrameBoundariesTests.Frame(2, 8, masked: true);
        await client.Stream.WriteAsync(message.AsMemory(0, 5));

        lane.Publish(backend.Address, state: OperatorState.Maintenance);
        Assert.Equal("\u0088\u0002\u0003\u00e9", await client.Stream.ReadTextAsync(4));
        await client.Stream.WriteAsync(message.AsMemory(5));
        byte[] close = [0x88, 0x82, 1, 2, 3, 4, 0x03 ^ 1, 0xE9 ^ 2];
        await client.Stream.WriteAsync(close);

        byte[] all = [.. message, .. close];
        Assert.Equal(System.Text.Encoding.Latin1.GetString(all), await seen.Task.WaitAsync(Patience));
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_backend_is_told_in_the_place_of_a_client_that_says_nothing()
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(Switched);
            seen.SetResult(await connection.Stream.ReadTextAsync(8));
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { TunnelGrace = TimeSpan.FromSeconds(1) }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(Upgrade);
        await client.ReadHeadAsync();

        lane.Publish(backend.Address, state: OperatorState.Maintenance);

        string close = await seen.Task.WaitAsync(Patience);
        Assert.Equal(0x88, close[0]);
        Assert.Equal(0x82, close[1]);
        Assert.Equal(1001, ((close[6] ^ close[2]) << 8) | (close[7] ^ close[3]));
        Assert.Equal("\u0088\u0002\u0003\u00e9", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task An_event_stream_ends_with_its_backends_drain_and_an_answer_gets_the_grace()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SampleBackend backend = await SampleBackend.StartAsync(async context =>
        {
            if (context.Request.Path == "/events")
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync("data: 1\n\n");
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            arrived.TrySetResult();
            await answer.Task;
            await context.Response.WriteAsync("done");
        });
        await using SampleBackend other = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address, other.Address);
        lane.Publish(other.Address, state: OperatorState.Draining);
        using RawClient events = await RawClient.ConnectAsync(lane.Endpoint);
        await events.SendAsync("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
        await events.ReadHeadAsync();
        Task<string> slow = lane.GetAsync("/slow");
        await arrived.Task.WaitAsync(Patience);

        lane.Publish(backend.Address, state: OperatorState.Draining, drainOver: true);

        Assert.DoesNotContain("\r\n0\r\n", await events.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(1, lane.Plane.Closed[FailureReason.BackendDrained]);
        answer.SetResult();
        Assert.Equal("done", await slow.WaitAsync(Patience));
    }

    [Fact]
    public async Task An_answer_that_takes_longer_than_the_grace_is_given_by_the_new_home_where_it_may_be_asked_again()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(c => Task.Delay(Timeout.Infinite, c.RequestAborted));
        await using SampleBackend other = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { TunnelGrace = TimeSpan.FromMilliseconds(100) }, backend.Address, other.Address);
        Task<HttpResponseMessage> asked = lane.SendAsync(HttpMethod.Get, "/");
        await TestLane.UntilAsync(() => backend.Seen.Count == 1);
        Task<HttpResponseMessage> posted = lane.SendAsync(HttpMethod.Post, "/", TestLane.TicketOf(await lane.SendAsync(HttpMethod.Get, "/")), new StringContent("x"));
        Assert.Equal("b", await (await posted).Content.ReadAsStringAsync());

        lane.Publish(backend.Address, state: OperatorState.Maintenance);

        using HttpResponseMessage answer = await asked.WaitAsync(Patience);
        Assert.Equal("b", await answer.Content.ReadAsStringAsync());
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Fact]
    public async Task A_request_that_may_not_be_asked_again_is_told_why_it_was_cut_off()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(c => Task.Delay(Timeout.Infinite, c.RequestAborted));
        await using SampleBackend other = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { TunnelGrace = TimeSpan.FromMilliseconds(100) }, backend.Address, other.Address);
        Task<HttpResponseMessage> posted = lane.SendAsync(HttpMethod.Post, "/", null, new StringContent("x"));
        await TestLane.UntilAsync(() => backend.Seen.Count == 1);

        lane.Publish(backend.Address, state: OperatorState.Maintenance);

        using HttpResponseMessage answer = await posted.WaitAsync(Patience);
        Assert.Equal("backend-in-maintenance", TestLane.ReasonOf(answer));
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task A_session_lives_for_as_long_as_its_web_socket()
    {
        await using SampleBackend a = await WebSocketTests.EchoAsync("a");
        await using SampleBackend b = await WebSocketTests.EchoAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { SessionIdleTimeout = TimeSpan.FromSeconds(1) }, a.Address, b.Address);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);
        string ticket = socket.HttpResponseHeaders!["Set-Cookie"].First().Split(';')[0];
        await TestLane.UntilAsync(() => lane.Plane.Tables["web"].Count == 1);
        uint began = Known(lane).LastSeen;
        await TestLane.UntilAsync(() => Known(lane).LastSeen >= began + 4);

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("a", await lane.GetAsync(cookie: ticket));
        }

        Assert.Equal("a:one", await WebSocketTests.EchoAsync(socket, "one"));
    }

    [Fact]
    public async Task A_stopping_lane_closes_web_sockets_with_1001_and_is_done_when_they_are()
    {
        await using SampleBackend backend = await WebSocketTests.EchoAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);
        Assert.Equal("a:one", await WebSocketTests.EchoAsync(socket, "one"));

        Task stopping = lane.Lane.StopAsync(CancellationToken.None);

        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(socket)).MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, CancellationToken.None);
        await stopping.WaitAsync(Patience);
        Assert.Equal(1, lane.Plane.Closed[FailureReason.NodeStopping]);
    }

    [Fact]
    public async Task A_stopping_lane_waits_no_longer_for_a_client_that_says_nothing_than_the_grace()
    {
        await using SampleBackend backend = await WebSocketTests.EchoAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { TunnelGrace = TimeSpan.FromSeconds(1) }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(Upgrade);
        await client.ReadHeadAsync();

        await lane.Lane.StopAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Equal("\u0088\u0002\u0003\u00e9", await client.ReadToEndAsync());
    }

    private static Task<SampleBackend> ReportingEchoAsync(string name, TaskCompletionSource<WebSocketCloseStatus?> closed) => SampleBackend.StartAsync(
        async context =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                await context.Response.WriteAsync(name);
                return;
            }

            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
            {
                await socket.SendAsync(
                    System.Text.Encoding.UTF8.GetBytes($"{name}:{System.Text.Encoding.UTF8.GetString(buffer, 0, message.Count)}"),
                    WebSocketMessageType.Text,
                    true,
                    context.RequestAborted);
            }

            closed.SetResult(socket.CloseStatus);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        },
        _ => { },
        app => Microsoft.AspNetCore.Builder.WebSocketMiddlewareExtensions.UseWebSockets(app));

    private static async Task<ClientWebSocket> ConnectAsync(TestLane lane, string expected, SampleBackend other)
    {
        lane.Publish(other.Address);
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);
        Assert.Equal($"{expected}:one", await WebSocketTests.EchoAsync(socket, "one"));
        return socket;
    }

    private static async Task<ValueWebSocketReceiveResult> ReceiveAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(Patience);
        return await socket.ReceiveAsync(new byte[4096].AsMemory(), limit.Token);
    }

    private static void Cause(TestLane lane, SampleBackend backend, SampleBackend other, string how)
    {
        if (how is nameof(End.DownAndMoved) or nameof(End.DrainsAndMoved))
        {
            Move(lane, Known(lane), other);
        }

        lane.Publish(
            backend.Address,
            how is nameof(End.Down) or nameof(End.DownAndMoved) ? BackendHealth.Down : BackendHealth.Up,
            how == nameof(End.Maintenance) ? OperatorState.Maintenance : how is nameof(End.DrainOver) or nameof(End.DrainsAndMoved) ? OperatorState.Draining : OperatorState.Ready,
            drainOver: how == nameof(End.DrainOver),
            moves: how == nameof(End.DrainsAndMoved) ? SessionMoves.At(DateTimeOffset.UnixEpoch, 1, null) : null);
    }

    // As another node's owner does, and replication brings it.
    private static void Move(TestLane lane, Binding session, SampleBackend other) => lane.Plane.Tables["web"].Note(
        session with { Backend = BackendKey.Of(other.Address.Authority), Version = 2 });

    private static Binding Known(TestLane lane) => Assert.Single(lane.Plane.Tables["web"].Provisional);

    // Another tunnel that is closed tells that all were looked at.
    private static async Task LookedAtAsync(TestLane lane)
    {
        int before = lane.Plane.Tables["web"].Count;
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);
        await TestLane.UntilAsync(() => lane.Plane.Tables["web"].Count > before);
    }
}
