using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorLb.Tests.Cli;

/// <summary>Answers as no node would: what it sends is the test's, byte by byte.</summary>
internal sealed class BrokenNode : IAsyncDisposable
{
    public const string Picture = """{"node":"lb1","time":"2027-01-15T08:10:01+00:00","all":{},"nodes":[],"pools":[]}""";

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _ending = new();
    private readonly Func<string, Stream, CancellationToken, Task> _answer;
    private readonly Task _accepts;
    private int _asked;

    /// <param name="answer">Is given the path, and ends the connection when it returns.</param>
    private BrokenNode(IPAddress address, Func<string, Stream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _accepts = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>Requests for anything but whether it is alive.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public static BrokenNode Start(Func<string, Stream, CancellationToken, Task> answer) => new(IPAddress.Loopback, answer);

    /// <summary>Says the same to everybody, and ends.</summary>
    public static BrokenNode Saying(string body, int status = 200, string type = "application/json") => Start((_, to, cancellation) => SendAsync(to, status, type, body, cancellation));

    /// <summary>Begins a stream with this, and says no more.</summary>
    public static BrokenNode Streaming(string text) => Start(async (_, to, cancellation) =>
    {
        await SendAsync(to, 200, "text/event-stream", text, cancellation);
        await Task.Delay(Timeout.Infinite, cancellation);
    });

    /// <summary>Repeats itself for as long as somebody listens.</summary>
    public static BrokenNode Endless(int status, string type, string begins, string goesOn) => Start(async (_, to, cancellation) =>
    {
        byte[] part = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(goesOn, 1 + (65536 / goesOn.Length))));
        await SendAsync(to, status, type, begins, cancellation);
        while (true)
        {
            await to.WriteAsync(part, cancellation);
        }
    });

    public static async Task SendAsync(Stream to, int status, string type, string body, CancellationToken cancellation) =>
        await to.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nConnection: close\r\n\r\n{body}"), cancellation);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepts;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_ending.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                using var reader = new StreamReader(stream, leaveOpen: true);
                string path = (await reader.ReadLineAsync(_ending.Token) ?? "").Split(' ') is [_, var asked, ..] ? asked : "";
                while (await reader.ReadLineAsync(_ending.Token) is { Length: > 0 })
                {
                }

                if (path == "/livez")
                {
                    await SendAsync(stream, 200, "text/plain", "", _ending.Token);
                    return;
                }

                Interlocked.Increment(ref _asked);
                await _answer(path, stream, _ending.Token);
                client.Client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // Nobody listens any more.
            }
        }
    }
}
