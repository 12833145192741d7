using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Transport;
using ActorLb.Tests.Memory;
using Xunit;

namespace ActorLb.Tests.Transport;

/// <summary>What the kernel says is told as it said it, however often the collector comes in between: it stops whatever else runs.</summary>
[Collection(MeasuredMemoryCollection.Name)]
public sealed unsafe class EpollPollerTests : IDisposable
{
    private const int Refused = 111;
    private const int Rounds = 300;
    private const int PatienceMilliseconds = 20_000;

    private readonly EpollPoller _poller = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };

    public EpollPollerTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    public void Dispose()
    {
        _poller.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public void Each_call_has_its_own_error_while_another_thread_collects_all_the_time()
    {
        using var over = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!over.IsCancellationRequested)
            {
                GC.KeepAlive(new byte[100]);
                GC.Collect(0);
            }
        });
        collector.Start();
        try
        {
            (int here, int there) = Pair();
            byte* bytes = stackalloc byte[1];
            for (int i = 0; i < Rounds; i++)
            {
                Assert.Equal(-Linux.Again, _poller.Receive(here, bytes, 1));
                Assert.Equal(-Linux.Again, _poller.Accept((int)_listener.Handle, out _));
                Assert.Equal(Unread.Nothing, _poller.Peek(here));
                Assert.Equal(1, _poller.Send(there, bytes, 1, more: false));
                Assert.Equal(1, Received(here, bytes));
            }

            _poller.Close(there, reset: true);
            Assert.Equal(-Linux.ConnectionReset, Received(here, bytes));
            Assert.Equal(-Linux.BrokenPipe, _poller.Send(here, bytes, 1, more: false));
            _poller.Close(here, reset: false);
        }
        finally
        {
            over.Cancel();
            collector.Join();
        }
    }

    [Fact]
    public void A_refused_connect_says_so()
    {
        var address = (IPEndPoint)_listener.LocalEndPoint!;
        _listener.Dispose();
        int socket = _poller.Connect(address);
        if (socket >= 0)
        {
            _poller.Add(socket, 1);
            Assert.Equal(1, _poller.Wait(new ReadyEvent[1], PatienceMilliseconds));
            Assert.Equal(-Refused, _poller.ConnectError(socket));
            _poller.Close(socket, reset: false);
        }
        else
        {
            Assert.Equal(-Refused, socket);
        }
    }

    // What was sent is there once the system has carried it over, which it may leave to a thread of its own.
    private int Received(int socket, byte* bytes)
    {
        long began = Environment.TickCount64;
        int received;
        while ((received = _poller.Receive(socket, bytes, 1)) == -Linux.Again && Environment.TickCount64 - began < PatienceMilliseconds)
        {
            Thread.Yield();
        }

        return received;
    }

    private (int Here, int There) Pair()
    {
        int here = _poller.Connect((IPEndPoint)_listener.LocalEndPoint!);
        Assert.InRange(here, 0, int.MaxValue);
        Assert.True(_listener.Poll(TimeSpan.FromSeconds(20), SelectMode.SelectRead));
        int there = _poller.Accept((int)_listener.Handle, out IPAddress? peer);
        Assert.Equal(IPAddress.Loopback, peer);
        return (here, there);
    }
}
