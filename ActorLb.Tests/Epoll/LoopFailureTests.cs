using System.ComponentModel;
using System.Net;
using ActorLb.Engine;
using ActorLb.Engine.Epoll;
using ActorLb.Engine.Health;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Traffic;
using ActorLb.Engine.Transport;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Admin;
using ActorLb.Tests.Lane;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Epoll;

public sealed class LoopFailureTests : IAsyncDisposable
{
    private readonly List<FailingPoller> _pollers = [];
    private readonly RawBackend _backend = new(async c =>
    {
        while (await c.ReadHeadAsync() is not null)
        {
            await c.AnswerAsync("ok");
        }
    });

    private readonly EpollLane _lane;
    private readonly ListenSocket _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly ServedListener _listener;

    public LoopFailureTests()
    {
        NodeSettings settings = AdminFixture.Settings("node", new IPEndPoint(IPAddress.Loopback, 0), null);
        PoolSettings pool = settings.Topology.Pools["web"] with { Backends = [new BackendSettings("a", _backend.Address, 1)] };
        var plane = new DataPlane(settings.With(t => t with { Pools = settings.Topology.Pools.SetItem("web", pool) }), TimeProvider.System);
        var listener = new ListenerSettings("http", new IPEndPoint(IPAddress.Loopback, 0), ListenerEngine.Epoll, 1, ListenerHttp2.On, null, [], false);
        _listener = new ServedListener(listener, _socket, ListenerEngine.Epoll, null, plane.Connections.Of(listener.Name));
        _lane = new EpollLane(
            plane, new TrafficDirector(plane), new PassiveHealth(plane), new LimitsInForce(settings.Topology.Limits), NullLoggerFactory.Instance)
        {
            Pollers = () =>
            {
                var poller = new FailingPoller();
                lock (_pollers)
                {
                    _pollers.Add(poller);
                }

                return poller;
            },
        };
    }

    private int Count
    {
        get
        {
            lock (_pollers)
            {
                return _pollers.Count;
            }
        }
    }

    private IPEndPoint Endpoint => _socket.Local;

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _lane.CloseAsync(_listener).WaitAsync(TimeSpan.FromSeconds(30));
        _socket.Dispose();
        await _lane.StopAsync(now.Token).WaitAsync(TimeSpan.FromSeconds(30));
        await _lane.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task A_loop_that_cannot_wait_closes_its_clients_and_serves_others()
    {
        Start();
        using RawClient client = await RawClient.ConnectAsync(Endpoint);
        await AskAsync(client);

        Fail();

        Assert.Equal("", await client.ReadToEndAsync());
        using RawClient other = await RawClient.ConnectAsync(Endpoint);
        await AskAsync(other);
        Assert.Equal(1, _lane.Figures.Single().Restarts);
        Assert.Equal(1, _lane.Figures.Single().Clients);
        Assert.Null(_lane.Failure());
    }

    [Fact]
    public async Task A_loop_that_fails_again_and_again_has_ended_and_says_so()
    {
        Start();
        for (int i = 1; i <= RestartState.RowMax; i++)
        {
            Fail();
            await TestLane.UntilAsync(() => Count > i);
        }

        Assert.Null(_lane.Failure());
        Fail();

        // Each look counts: a thread that is late when it has been looked at often does nothing any more, for all that is known.
        await TestLane.UntilAsync(() => _lane.Failure()?.Contains("an event loop has ended", StringComparison.Ordinal) == true);
        Assert.Contains("an event loop has ended", _lane.Failure(), StringComparison.Ordinal);
    }

    private void Start()
    {
        _socket.Listen();
        _lane.Open(_listener);
    }

    private static async Task AskAsync(RawClient client)
    {
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
    }

    private void Fail()
    {
        lock (_pollers)
        {
            _pollers[^1].Fails = true;
            _pollers[^1].Wake();
        }
    }

    private sealed class FailingPoller : EpollPoller
    {
        private volatile bool _fails;

        public bool Fails
        {
            set => _fails = value;
        }

        public override int Wait(Span<ReadyEvent> events, int milliseconds)
        {
            int found = base.Wait(events, milliseconds);
            return _fails ? throw new Win32Exception(9) : found;
        }
    }
}
