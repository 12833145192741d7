using System.Net;
using System.Net.WebSockets;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class QueueTests(ListenerEngine engine)
{
    private readonly Lock _counting = new();

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_backend_never_has_more_requests_than_its_places_and_all_are_served()
    {
        int inside = 0;
        int most = 0;
        await using SampleBackend backend = await SampleBackend.StartAsync(async context =>
        {
            int now = Interlocked.Increment(ref inside);
            lock (_counting)
            {
                most = Math.Max(most, now);
            }

            await Task.Yield();
            Interlocked.Decrement(ref inside);
            await context.Response.WriteAsync("done");
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { MaxConnections = 2, Queue = new QueueSettings(100, Long) }, backend.Address);

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => lane.GetAsync()));

        Assert.All(answers, a => Assert.Equal("done", a));
        Assert.InRange(most, 1, 2);
        await TestLane.UntilAsync(() => Gate(lane, backend) is { Inside: 0, Waiting: 0 });
    }

    [Fact]
    public async Task A_new_session_goes_where_a_place_is_free()
    {
        await using var busy = new HeldBackend();
        await using SampleBackend free = await SampleBackend.NamedAsync("free");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { MaxConnections = 1 }, busy.Address, free.Address);
        Task<string> first = lane.GetAsync();
        await TestLane.UntilAsync(() => busy.Held == 1);

        for (int i = 0; i < 4; i++)
        {
            using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");
            Assert.Equal("free", await response.Content.ReadAsStringAsync());
            Assert.Equal("free", await lane.GetAsync(cookie: TestLane.TicketOf(response)));
        }

        busy.Release(1);
        await first;
    }

    [Fact]
    public async Task A_session_waits_for_its_own_backend()
    {
        await using var busy = new HeldBackend();
        await using SampleBackend free = await SampleBackend.NamedAsync("free");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { MaxConnections = 1, Queue = new QueueSettings(1, Long) }, busy.Address, free.Address);
        (Task<string> inside, Task<string> waiting) = await OneInsideAndOneWaitingAsync(lane, busy);
        Assert.Equal(1, lane.Traffic(busy.Address).InFlight);

        busy.Release(2);

        Assert.Equal("held", await inside);
        Assert.Equal("held", await waiting);
        Assert.Empty(free.Seen);
    }

    [Fact]
    public async Task Who_waited_while_a_backend_was_taken_out_goes_elsewhere()
    {
        await using var busy = new HeldBackend();
        await using SampleBackend free = await SampleBackend.NamedAsync("free");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { MaxConnections = 1, Queue = new QueueSettings(1, Long) }, busy.Address, free.Address);
        (Task<string> inside, Task<string> waiting) = await OneInsideAndOneWaitingAsync(lane, busy);

        lane.Publish(busy.Address, state: OperatorState.Maintenance);
        busy.Release(1);

        Assert.Equal("held", await inside);
        Assert.Equal("free", await waiting);
        Assert.Equal(0, busy.Held);
        await TestLane.UntilAsync(() => lane.Traffic(busy.Address).Gate is { Inside: 0, Waiting: 0 });
    }

    [Fact]
    public async Task A_new_session_that_waited_while_its_backend_began_to_drain_goes_elsewhere()
    {
        await using var busy = new HeldBackend();
        await using var other = new HeldBackend();
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { MaxConnections = 1, Queue = new QueueSettings(1, Long) }, busy.Address, other.Address);
        Task<string>[] inside = [lane.GetAsync(), lane.GetAsync()];
        await TestLane.UntilAsync(() => busy.Held == 1 && other.Held == 1);
        Task<string> waiting = lane.GetAsync();
        await TestLane.UntilAsync(() => lane.Traffic(busy.Address).Gate.Waiting + lane.Traffic(other.Address).Gate.Waiting == 1);
        (HeldBackend drained, HeldBackend stays) = lane.Traffic(busy.Address).Gate.Waiting == 1 ? (busy, other) : (other, busy);

        lane.Publish(drained.Address, state: OperatorState.Draining);
        drained.Release(1);
        await TestLane.UntilAsync(() => lane.Traffic(stays.Address).Gate.Waiting == 1);
        stays.Release(2);

        await Task.WhenAll([.. inside, waiting]);
        Assert.Equal(0, drained.Held);
    }

    [Fact]
    public async Task A_full_queue_is_answered_at_once_and_not_held_against_the_backend()
    {
        await using var busy = new HeldBackend();
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { MaxConnections = 1, Queue = new QueueSettings(0, Long) }, busy.Address);
        Task<string> inside = lane.GetAsync();
        await TestLane.UntilAsync(() => busy.Held == 1);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("queue-full", TestLane.ReasonOf(response));
        Assert.Equal(TimeSpan.FromSeconds(3), response.Headers.RetryAfter?.Delta);
        Assert.Null(TestLane.TicketOf(response));
        BackendTraffic traffic = lane.Traffic(busy.Address);
        Assert.Equal((1, 0, 1), (traffic.Requests, traffic.Failures, traffic.QueueRefusals));
        busy.Release(1);
        await inside;
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_so_and_leaves_the_queue()
    {
        await using var busy = new HeldBackend();
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { MaxConnections = 1, Queue = new QueueSettings(1, TimeSpan.FromMilliseconds(50)) }, busy.Address);
        Task<string> inside = lane.GetAsync();
        await TestLane.UntilAsync(() => busy.Held == 1);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("queue-timeout", TestLane.ReasonOf(response));
        Assert.NotNull(response.Headers.RetryAfter);
        BackendTraffic traffic = lane.Traffic(busy.Address);
        Assert.Equal((0, 0, 1), (traffic.Gate.Waiting, traffic.Failures, traffic.QueueTimeouts));
        busy.Release(1);
        await inside;
        await TestLane.UntilAsync(() => traffic.Gate.Inside == 0);
    }

    [Fact]
    public async Task A_client_that_leaves_leaves_the_queue_and_its_place_goes_to_nobody_twice()
    {
        await using var busy = new HeldBackend();
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { MaxConnections = 1, Queue = new QueueSettings(2, Long) }, busy.Address);
        Task<string> inside = lane.GetAsync();
        await TestLane.UntilAsync(() => busy.Held == 1);
        BackendGate gate = lane.Traffic(busy.Address).Gate;
        RawClient leaving = await RawClient.ConnectAsync(lane.Endpoint);
        await leaving.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await TestLane.UntilAsync(() => gate.Waiting == 1);
        Task<string> staying = lane.GetAsync();
        await TestLane.UntilAsync(() => gate.Waiting == 2);

        leaving.Dispose();
        await TestLane.UntilAsync(() => gate.Waiting == 1);
        busy.Release(2);

        await Task.WhenAll(inside, staying);
        await TestLane.UntilAsync(() => gate is { Inside: 0, Waiting: 0 });
        Assert.Equal(2, lane.Traffic(busy.Address).Requests);
    }

    [Fact]
    public async Task A_place_is_given_back_whatever_became_of_the_request()
    {
        (Uri refusing, IDisposable owner) = NoBackend.Refusing();
        using var _ = owner;
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { MaxConnections = 1, RetryAttempts = 0 }, refusing);
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");
            Assert.Equal("backend-connect-failed", TestLane.ReasonOf(response));
        }

        Assert.Equal(0, lane.Traffic(refusing).Gate.Inside);
    }

    [Fact]
    public async Task A_web_socket_keeps_its_place_for_its_life()
    {
        await using SampleBackend backend = await WebSocketTests.EchoAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { MaxConnections = 1, Queue = new QueueSettings(0, Long) }, backend.Address);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);
        Assert.Equal("a:one", await WebSocketTests.EchoAsync(socket, "one"));
        using HttpResponseMessage refused = await lane.SendAsync(HttpMethod.Get, "/");
        Assert.Equal("queue-full", TestLane.ReasonOf(refused));

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        await TestLane.UntilAsync(() => Gate(lane, backend).Inside == 0);
        Assert.Equal("a", await lane.GetAsync());
    }

    /// <summary>Two requests of one session: one is at its backend, which takes one at a time, the other in the queue for it.</summary>
    private static async Task<(Task<string> Inside, Task<string> Waiting)> OneInsideAndOneWaitingAsync(TestLane lane, HeldBackend busy)
    {
        busy.Release(1);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        string ticket = TestLane.TicketOf(first)!;
        Task<string> inside = lane.GetAsync(cookie: ticket);
        await TestLane.UntilAsync(() => busy.Held == 1);
        Task<string> waiting = lane.GetAsync(cookie: ticket);
        await TestLane.UntilAsync(() => lane.Traffic(busy.Address).Gate.Waiting == 1);
        return (inside, waiting);
    }

    private static BackendGate Gate(TestLane lane, SampleBackend backend) => lane.Traffic(backend.Address).Gate;

    /// <summary>Answers each request when it is let go, and not before.</summary>
    private sealed class HeldBackend : IAsyncDisposable
    {
        private readonly SemaphoreSlim _released = new(0);
        private readonly RawBackend _backend;
        private int _held;

        public HeldBackend()
        {
            _backend = new RawBackend(async connection =>
            {
                while (await connection.ReadHeadAsync() is not null)
                {
                    Interlocked.Increment(ref _held);
                    await _released.WaitAsync(connection.Stopping);
                    Interlocked.Decrement(ref _held);
                    await connection.AnswerAsync("held");
                }
            });
        }

        public Uri Address => _backend.Address;

        public int Held => Volatile.Read(ref _held);

        public void Release(int requests) => _released.Release(requests);

        public async ValueTask DisposeAsync()
        {
            await _backend.DisposeAsync();
            _released.Dispose();
        }
    }
}
