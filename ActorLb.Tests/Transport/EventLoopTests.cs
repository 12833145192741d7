using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Transport;
using Xunit;

namespace ActorLb.Tests.Transport;

/// <summary>One loop over the system's own sockets, turned by hand.</summary>
public sealed class EventLoopTests : IDisposable
{
    private const int RoundsMax = 20;
    private const int RoundMilliseconds = 1000;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _peers = [];
    private readonly List<Exception> _faults = [];
    private readonly EventLoop _loop;

    public EventLoopTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _loop = new EventLoop(new EpollPoller(), TimeProvider.System, _faults.Add);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _peers.ForEach(p => p.Dispose());
        _listener.Dispose();
    }

    [Fact]
    public void A_source_that_throws_is_told_and_no_other_one_hears_of_it()
    {
        WatchedSource bad = Register(out Socket badPeer);
        WatchedSource good = Register(out Socket goodPeer);
        bad.OnNews = () => throw new InvalidOperationException("bad");
        Tell(badPeer, goodPeer);
        RunUntil(() => bad.Faults > 0 && Heard(good, Readiness.Readable));

        good.Heard.Clear();
        Tell(goodPeer);
        RunUntil(() => Heard(good, Readiness.Readable));

        Assert.Equal(0, good.Faults);
        Assert.All(_faults, f => Assert.Equal("bad", f.Message));
        Assert.Equal(bad.Faults, _faults.Count);
        Assert.Equal(2, _loop.Count);
    }

    [Fact]
    public void Who_throws_when_told_of_a_fault_does_not_end_the_loop()
    {
        using var loop = new EventLoop(new EpollPoller(), TimeProvider.System, _ => throw new InvalidOperationException("the disk is full"));
        bool goesOn = false;
        loop.Post(() => throw new InvalidOperationException("bad"));
        loop.Post(() =>
        {
            goesOn = true;
            loop.Stop();
        });

        loop.Run();

        Assert.True(goesOn);
    }

    [Fact]
    public void A_source_that_throws_when_its_turn_comes_is_told()
    {
        WatchedSource bad = Register(out _);
        WatchedSource good = Register(out _);
        bad.OnTurn = () => throw new InvalidOperationException("bad");
        _loop.Resume(bad);
        _loop.Resume(good);

        _loop.RunOnce(0);

        Assert.Equal((1, 0, 1), (bad.Faults, good.Faults, good.Resumed));
        Assert.Single(_faults);
    }

    [Fact]
    public void A_source_that_throws_when_its_time_is_over_is_told()
    {
        WatchedSource bad = Register(out _);
        bad.OnDeadline = () => throw new InvalidOperationException("bad");
        _loop.Timers.Set(bad, _loop.Now);

        RunUntil(() => bad.Faults > 0);

        Assert.Equal("bad", Assert.Single(_faults).Message);
    }

    [Fact]
    public void A_source_that_throws_even_when_it_is_told_is_reset()
    {
        WatchedSource bad = Register(out Socket peer);
        WatchedSource good = Register(out Socket goodPeer);
        bad.OnNews = () => throw new InvalidOperationException("first");
        bad.OnFailure = () => throw new InvalidOperationException("second");
        Tell(peer, goodPeer);
        RunUntil(() => bad.Socket < 0 && Heard(good, Readiness.Readable));

        Assert.Equal(["first", "second"], _faults.Select(f => f.Message));
        Assert.Equal(1, _loop.Count);
        Assert.Equal(
            SocketError.ConnectionReset, Assert.Throws<SocketException>(() => peer.Receive(new byte[1])).SocketErrorCode);
    }

    [Fact]
    public void News_of_a_closed_source_do_not_reach_the_one_that_has_its_place()
    {
        WatchedSource first = Register(out Socket firstPeer);
        WatchedSource second = Register(out Socket secondPeer);
        RunUntil(() => first.Heard.Count > 0 && second.Heard.Count > 0);
        WatchedSource? late = null;
        int place = -1;
        first.OnNews = () => Replace(second);
        second.OnNews = () => Replace(first);

        // Both are news of the same round: whoever hears of it first closes the other one.
        Tell(firstPeer, secondPeer);
        RunUntil(() => late is not null);

        Assert.NotNull(late);
        Assert.Equal(place, late.Slot);
        Assert.Empty(late.Heard);
        RunUntil(() => Heard(late, Readiness.Writable));
        Assert.DoesNotContain(late.Heard, r => (r & Readiness.Readable) != 0);

        void Replace(WatchedSource other)
        {
            if (late is null)
            {
                place = other.Slot;
                _loop.Close(other);
                late = Register(out _);
            }
        }
    }

    [Fact]
    public void A_closed_source_has_no_turn()
    {
        WatchedSource source = Register(out _);
        _loop.Resume(source);
        _loop.Close(source);

        _loop.RunOnce(0);

        Assert.Equal((0, 0), (source.Resumed, _loop.Count));
    }

    [Fact]
    public void A_source_has_one_turn_a_round_however_often_it_asks()
    {
        WatchedSource source = Register(out _);
        source.OnTurn = () =>
        {
            _loop.Resume(source);
            _loop.Resume(source);
        };
        _loop.Resume(source);

        for (int round = 1; round <= 3; round++)
        {
            _loop.RunOnce(0);
            Assert.Equal(round, source.Resumed);
        }
    }

    [Fact]
    public void A_source_that_is_let_go_keeps_its_socket_open()
    {
        WatchedSource source = Register(out Socket peer);

        int socket = _loop.Release(source);

        Assert.Equal((-1, 0), (source.Socket, _loop.Count));
        Assert.False(peer.Poll(0, SelectMode.SelectRead));
        _loop.Sockets.Close(socket, reset: false);
        Assert.Equal(0, peer.Receive(new byte[1]));
    }

    [Fact]
    public async Task What_is_posted_wakes_the_loop_and_costs_it_nothing_where_it_throws()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task running = Task.Factory.StartNew(_loop.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        _loop.Post(() => throw new InvalidOperationException("posted"));
        _loop.Post(done.SetResult);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        _loop.Stop();
        await running.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("posted", Assert.Single(_faults).Message);
    }

    [Fact]
    public async Task Nothing_that_many_threads_post_is_forgotten()
    {
        const int Threads = 4;
        const int Posts = 5000;
        int ran = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task running = Task.Factory.StartNew(_loop.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < Posts; i++)
            {
                _loop.Post(() =>
                {
                    // On the loop's thread alone.
                    if (++ran == Threads * Posts)
                    {
                        all.SetResult();
                    }
                });
            }
        })));

        await all.Task.WaitAsync(TimeSpan.FromSeconds(30));
        _loop.Stop();
        await running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static bool Heard(WatchedSource source, Readiness readiness) => source.Heard.Exists(r => (r & readiness) != 0);

    private static void Tell(params Socket[] peers) => Array.ForEach(peers, p => p.Send("x"u8));

    private WatchedSource Register(out Socket peer)
    {
        int socket = _loop.Sockets.Connect((IPEndPoint)_listener.LocalEndPoint!);
        Assert.True(socket >= 0);
        peer = _listener.Accept();
        _peers.Add(peer);
        var source = new WatchedSource();
        _loop.Register(source, socket);
        return source;
    }

    private void RunUntil(Func<bool> condition)
    {
        for (int round = 0; round < RoundsMax && !condition(); round++)
        {
            int delay = _loop.Timers.Delay(_loop.Now);
            _loop.RunOnce(delay < 0 ? RoundMilliseconds : delay);
        }

        Assert.True(condition());
    }
}
