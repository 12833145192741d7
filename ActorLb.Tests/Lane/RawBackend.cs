using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorLb.Tests.Lane;

/// <summary>A backend that is only a socket: a script per connection says what it does to it.</summary>
internal sealed class RawBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<RawConnection, Task> _script;
    private readonly Task _accepting;
    private int _connections;
    private int _requests;

    /// <param name="script">Runs for each accepted connection, which is closed after it.</param>
    public RawBackend(Func<RawConnection, Task> script)
    {
        _script = script;
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Heads that were read.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public void CountRequest() => Interlocked.Increment(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);

                // A reset forgets what has not been sent, and behind what is not acknowledged the system would keep a small piece.
                client.NoDelay = true;
                int number = Interlocked.Increment(ref _connections);
                _ = ServeAsync(new RawConnection(this, client, number, _stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeAsync(RawConnection connection)
    {
        try
        {
            await _script(connection);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
        finally
        {
            connection.Close();
        }
    }
}

/// <summary>One connection of a raw backend.</summary>
/// <param name="Number">1 for the first.</param>
internal sealed record RawConnection(RawBackend Backend, TcpClient Client, int Number, CancellationToken Stopping)
{
    private readonly NetworkStream _stream = Client.GetStream();

    public Stream Stream => _stream;

    /// <summary>Something came that was not read.</summary>
    public bool HasMore => _stream.DataAvailable;

    /// <summary>Reads up to the empty line; null at the end of the connection.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            if (await _stream.ReadAsync(one, Stopping) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        Backend.CountRequest();
        return head.ToString();
    }

    public async Task WriteAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), Stopping);

    public Task AnswerAsync(string body) => WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    /// <summary>Waits for the peer's end or our own.</summary>
    public async Task UntilClosedAsync()
    {
        var buffer = new byte[4096];
        while (await _stream.ReadAsync(buffer, Stopping) > 0)
        {
        }
    }

    /// <summary>Closes with a reset instead of an end.</summary>
    public void Reset()
    {
        Client.Client.LingerState = new LingerOption(true, 0);

        // The client or its stream would end the connection properly first.
        Client.Client.Close(0);
    }

    public void Close() => Client.Dispose();
}

/// <summary>Addresses to which nobody can connect.</summary>
internal static class NoBackend
{
    /// <summary>Bound, not listening: refused at once, and the port is nobody else's while the socket lives.</summary>
    public static (Uri Address, Socket Owner) Refusing()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (new Uri($"http://{socket.LocalEndPoint}"), socket);
    }

    /// <summary>A listener whose queue is full: the system leaves further connections without an answer.</summary>
    public static async Task<(Uri Address, IDisposable Owner)> SilentAsync()
    {
        var sockets = new Sockets();
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        sockets.Add(listener);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        while (true)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(client);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            try
            {
                await client.ConnectAsync(listener.LocalEndPoint!, patience.Token);
            }
            catch (OperationCanceledException)
            {
                return (new Uri($"http://{listener.LocalEndPoint}"), sockets);
            }
        }
    }

    private sealed class Sockets : List<Socket>, IDisposable
    {
        public void Dispose() => ForEach(s => s.Dispose());
    }
}
