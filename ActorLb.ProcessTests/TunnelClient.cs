using System.Net.WebSockets;
using System.Text;

namespace ActorLb.ProcessTests;

/// <summary>A page with a WebSocket, as a browser keeps it: connects again when it is closed, with its cookie, to whichever node takes it.</summary>
public sealed class TunnelClient(IReadOnlyList<Uri> balancers, int first) : IAsyncDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _servers = [];
    private readonly List<WebSocketCloseStatus?> _closes = [];
    private int _next = first;
    private Task _running = Task.CompletedTask;
    private volatile bool _isOpen;

    /// <summary>The cookie of the answer that opened the first WebSocket; it is never renewed.</summary>
    public string? Ticket { get; private set; }

    public bool IsOpen => _isOpen;

    /// <summary>Which server answered after each time that it connected.</summary>
    public IReadOnlyList<string> Servers
    {
        get
        {
            lock (_servers)
            {
                return [.. _servers];
            }
        }
    }

    /// <summary>How its WebSockets were closed; null where without a close frame.</summary>
    public IReadOnlyList<WebSocketCloseStatus?> Closes
    {
        get
        {
            lock (_servers)
            {
                return [.. _closes];
            }
        }
    }

    public void Start() => _running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            using var socket = new ClientWebSocket();
            try
            {
                await ConnectAsync(socket);
                await UntilClosedAsync(socket);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                // The node is gone, or not there yet: the next one.
            }

            _isOpen = false;
            _next++;
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task ConnectAsync(ClientWebSocket socket)
    {
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.Proxy = null;
        if (Ticket is not null)
        {
            socket.Options.SetRequestHeader("Cookie", Ticket);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(ConnectPatience);
        Uri node = balancers[_next % balancers.Count];
        await socket.ConnectAsync(new Uri($"ws://{node.Authority}/ws"), limit.Token);
        if (Ticket is null && socket.HttpResponseHeaders!.TryGetValue("Set-Cookie", out IEnumerable<string>? set))
        {
            Ticket = set.First(c => c.StartsWith("ALB=", StringComparison.Ordinal)).Split(';')[0];
        }

        var buffer = new byte[256];
        await socket.SendAsync(Encoding.UTF8.GetBytes("x"), WebSocketMessageType.Text, true, limit.Token);
        int length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
            length += part.Count;
        }
        while (!part.EndOfMessage);

        if (part.MessageType == WebSocketMessageType.Close)
        {
            throw new WebSocketException("it was closed before anybody answered");
        }

        lock (_servers)
        {
            _servers.Add(Encoding.UTF8.GetString(buffer, 0, length).Split(':')[0]);
        }

        _isOpen = true;
    }

    private async Task UntilClosedAsync(ClientWebSocket socket)
    {
        try
        {
            await socket.ReceiveAsync(new byte[256].AsMemory(), _stop.Token);
            await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, _stop.Token);
        }
        finally
        {
            lock (_servers)
            {
                _closes.Add(socket.CloseStatus);
            }
        }
    }
}
