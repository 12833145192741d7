using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorLb.Bench.Soak;

/// <summary>
/// A server that answers as the path says, properly or not, with the request's id all over the body. It dies and comes
/// back: its listener closes, and its connections are reset.
/// </summary>
internal sealed class SoakBackend : IDisposable
{
    /// <summary>Sent with each proper answer, so that a client knows whom it is for.</summary>
    public const string IdField = "X-Request-Id";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly IPEndPoint _address = new(IPAddress.Loopback, Ports.Free());
    private CancellationTokenSource _life = new();

    public SoakBackend() => Start();

    public string Address => _address.ToString();

    /// <summary>What the answer to a request carries.</summary>
    public static string BodyOf(string id, int length) =>
        string.Concat(Enumerable.Repeat(id + "|", (length / (id.Length + 1)) + 1))[..length];

    public void Die()
    {
        _life.Cancel();
        _life.Dispose();
    }

    public void ComeBack()
    {
        _life = new CancellationTokenSource();
        Start();
    }

    public void Dispose() => Die();

    private void Start()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(_address);
        listener.Listen(1024);
        _ = AcceptAsync(listener, _life.Token);
    }

    private static async Task AcceptAsync(Socket listener, CancellationToken life)
    {
        using (listener)
        {
            try
            {
                while (true)
                {
                    Socket client = await listener.AcceptAsync(life);
                    client.NoDelay = true;
                    _ = ServeAsync(new TextConnection(client, life));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // It died.
            }
        }
    }

    private static async Task ServeAsync(TextConnection connection)
    {
        using (connection)
        {
            try
            {
                while (await connection.ReadHeadAsync() is { } head && await AnswerAsync(connection, head))
                {
                }
            }
            catch (OperationCanceledException)
            {
                connection.Reset();
            }
            catch (Exception e) when (e is IOException or SocketException or FormatException or ObjectDisposedException)
            {
                // Its peer is gone.
            }
        }
    }

    /// <summary>False: the connection ends.</summary>
    private static async Task<bool> AnswerAsync(TextConnection connection, string[] head)
    {
        string id = TextConnection.Value(head, IdField) ?? "none";
        string[] target = head[0].Split(' ')[1].Split('?');
        int length = target.Length > 1 ? int.Parse(target[1], CultureInfo.InvariantCulture) : 0;
        string start = $"HTTP/1.1 200 OK\r\nX-Echo: {id}\r\n";
        string plain = string.Create(CultureInfo.InvariantCulture, $"{start}Content-Length: {length}\r\n\r\n");
        if (target[0] != "/early")
        {
            await connection.ReadBodyAsync(head, untilClose: false);
        }

        switch (target[0])
        {
            case "/hints":
                await connection.SendAsync("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
                await connection.SendAsync(plain + BodyOf(id, length));
                return true;
            case "/chunked":
                await connection.SendAsync(start + "Transfer-Encoding: chunked\r\n\r\n");
                await SendChunksAsync(connection, BodyOf(id, length));
                return true;
            case "/slow":
                await connection.SendAsync(plain);
                await TrickleAsync(connection, BodyOf(id, length));
                return true;
            case "/close":
                await connection.SendAsync(start + "\r\n" + BodyOf(id, length));
                return false;
            case "/none":
                await connection.SendAsync($"HTTP/1.1 204 No Content\r\nX-Echo: {id}\r\n\r\n");
                return true;
            case "/early":
                await connection.SendAsync(plain + BodyOf(id, length));
                await connection.ReadBodyAsync(head, untilClose: false);
                return true;
            case "/half":
                await connection.SendAsync(plain + BodyOf(id, length / 2));
                connection.Reset();
                return false;
            case "/nothing":
                return false;
            case "/nonsense":
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello");
                return false;
            case "/tunnel":
                await connection.SendAsync($"HTTP/1.1 101 Switching Protocols\r\nX-Echo: {id}\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
                while (await connection.ReadSomeAsync(4096) is { Length: > 0 } some)
                {
                    await connection.SendAsync(some);
                }

                return false;
            default:
                await connection.SendAsync(plain + BodyOf(id, length));
                return true;
        }
    }

    private static async Task SendChunksAsync(TextConnection connection, string body)
    {
        int piece = (body.Length / 3) + 1;
        for (int at = 0; at < body.Length; at += piece)
        {
            string chunk = body.Substring(at, Math.Min(piece, body.Length - at));
            await connection.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{chunk.Length:x}\r\n{chunk}\r\n"));
        }

        await connection.SendAsync("0\r\n\r\n");
    }

    private static async Task TrickleAsync(TextConnection connection, string body)
    {
        int piece = (body.Length / 5) + 1;
        for (int at = 0; at < body.Length; at += piece)
        {
            await connection.SendAsync(body.Substring(at, Math.Min(piece, body.Length - at)));
            await Task.Delay(Pause);
        }
    }
}
