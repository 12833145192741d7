using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLb.Engine.Epoll;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Lane;
using Xunit;

namespace ActorLb.Tests.Epoll;

/// <summary>What a request costs the collector: what the threads of the event loops allocate.</summary>
public sealed class AllocationTests
{
    private const int WarmUps = 2_000;
    private const int Requests = 5_000;

    // The smallest object has 24 bytes, so that one for each request would be 120,000; asking costs a little itself.
    private const long BytesMax = 4_000;

    // Takes none of the traces that begin here.
    private static readonly TraceSettings Passing = new(double.Epsilon, 1000);

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(true, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00\r\ntracestate: a=1\r\n")]
    [InlineData(true, "traceparent: none\r\n")]
    public async Task A_session_in_steady_use_allocates_nothing(bool traces, string fields)
    {
        using var backend = new PlainBackend();
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Engine = ListenerEngine.Epoll, Traces = traces ? Passing : TraceSettings.Off }, backend.Address);
        string ticket = TestLane.TicketOf(await lane.SendAsync(HttpMethod.Get, "/"))!;
        byte[] request = Encoding.ASCII.GetBytes($"GET /x?y=1 HTTP/1.1\r\nHost: shop.example\r\nAccept: */*\r\nCookie: a=1; {ticket}\r\n{fields}\r\n");

        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(lane.Endpoint);
        var loops = (EpollLane)Assert.Single(lane.Group.Lanes);
        Assert.InRange(await LeastAsync(loops, client, request), 0, BytesMax);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_is_logged_allocates_nothing(bool chosen)
    {
        using var backend = new PlainBackend();
        AccessLogSettings log = AccessLogTests.Json with { BufferBytes = 32 << 20 };
        await using TestLane lane = await TestLane.StartAsync(
            new LaneOptions
            {
                Engine = ListenerEngine.Epoll,
                AccessLog = chosen ? log with { Fields = [.. AccessLogFields.Names, "header:accept", "header:x-none"] } : log,
            },
            backend.Address);
        string ticket = TestLane.TicketOf(await lane.SendAsync(HttpMethod.Get, "/"))!;
        byte[] request = Encoding.ASCII.GetBytes($"GET /x?y=1 HTTP/1.1\r\nHost: shop.example\r\nAccept: */*\r\nUser-Agent: me\r\nCookie: a=1; {ticket}\r\n\r\n");
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(lane.Endpoint);
        var loops = (EpollLane)Assert.Single(lane.Group.Lanes);
        Assert.InRange(await LeastAsync(loops, client, request), 0, BytesMax);
        Assert.Equal(0, lane.Plane.AccessLog!.Dropped);
    }

    // What requests allocate they do each time. What else a loop is asked to do may need memory once: to say when it was done, a place in the queue of a pool that is busy.
    private static async Task<long> LeastAsync(EpollLane loops, Socket client, byte[] request)
    {
        Repeat(client, request, WarmUps);
        long least = long.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            long before = await loops.AllocatedBytesAsync();
            Repeat(client, request, Requests);
            least = Math.Min(least, await loops.AllocatedBytesAsync() - before);
        }

        return least;
    }

    private static void Repeat(Socket client, byte[] request, int times)
    {
        Span<byte> answer = stackalloc byte[4096];
        for (int i = 0; i < times; i++)
        {
            client.Send(request);
            int length = client.Receive(answer);
            Assert.True(answer[..length].EndsWith("\r\n\r\nwell"u8));
        }
    }

    /// <summary>Answers each request that comes in one piece, on a thread per connection.</summary>
    private sealed class PlainBackend : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public PlainBackend()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            new Thread(Accept) { IsBackground = true }.Start();
        }

        public Uri Address => new($"http://{_listener.LocalEndPoint}");

        public void Dispose() => _listener.Dispose();

        private static void Serve(Socket connection)
        {
            byte[] answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 00:00:00 GMT\r\nContent-Length: 4\r\n\r\nwell");
            Span<byte> request = stackalloc byte[4096];
            using (connection)
            {
                while (connection.Receive(request) > 0)
                {
                    connection.Send(answer);
                }
            }
        }

        private void Accept()
        {
            try
            {
                while (true)
                {
                    Socket connection = _listener.Accept();
                    connection.NoDelay = true;
                    new Thread(() => Serve(connection)) { IsBackground = true }.Start();
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The listener was closed, perhaps before it was asked again.
            }
        }
    }
}
