using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>A page with a WebSocket: messages of all lengths go and come back all the time, and it connects again when it was closed.</summary>
internal sealed class TunnelClient(HistoryRecorder recorder, SessionJar jar, int number) : IDisposable
{
    private const int PaddingMax = 2000;

    /// <summary>Between an echo and the next message.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Silence = Patience.Silence;

    private readonly HttpMessageInvoker _http = new(ClientSockets.Handler(TimeSpan.Zero));
    private readonly byte[] _buffer = new byte[PaddingMax + 1024];

    /// <summary>From the handshake to its end, whoever ends it. Returns when it is over, or where it did not come about.</summary>
    /// <param name="leaves">The person goes: it is closed in good order.</param>
    public async Task RunAsync(NodePlace node, Presented presented, CancellationToken leaves)
    {
        using var socket = new ClientWebSocket();
        Attempt opening = await OpenAsync(socket, node, presented, leaves);
        recorder.Add(opening);
        if (opening is not { Succeeded: true, Backend: { } backend })
        {
            return;
        }

        var tunnel = new Tunnel
        {
            Browser = number,
            Node = node.Name,
            Session = opening.SessionSent!,
            Backend = backend,
            Opened = opening.Sent,
            Heard = opening.Ended,
            Ended = opening.Ended,
            End = TunnelEnd.Left,
            Echoes = 1,
        };
        tunnel = await TalkAsync(socket, tunnel, leaves);
        recorder.Add(tunnel with { Ended = recorder.Now });
    }

    public void Dispose() => _http.Dispose();

    private async Task<Attempt> OpenAsync(ClientWebSocket socket, NodePlace node, Presented presented, CancellationToken leaves)
    {
        double from = recorder.Now;
        var attempt = new Attempt
        {
            Number = recorder.NextAttempt(),
            Client = ClientKind.Browser,
            Browser = number,
            Tab = -(int)RequestUse.Tunnel,
            Pool = jar.Pool,
            Use = RequestUse.Tunnel,
            Node = node.Name,
            Sent = from,
            Ended = from,
            End = AttemptEnd.Answered,
            Status = (int)HttpStatusCode.SwitchingProtocols,
            SessionSent = presented.Session,
        };
        socket.Options.SetRequestHeader("Host", Sites.Of(jar.Pool));
        socket.Options.SetRequestHeader(presented.Name!, presented.Value);
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(leaves);
        patience.CancelAfter(Silence);
        try
        {
            await socket.ConnectAsync(new UriBuilder(node.Listener) { Scheme = "ws", Path = "/ws" }.Uri, _http, patience.Token);
            await SendAsync(socket, "0");
            (TunnelEnd? end, string? backend) = await ReadAsync(socket, await ReceiveAsync(socket).WaitAsync(patience.Token), "0");
            return attempt with { Ended = recorder.Now, Backend = backend, End = end is null ? AttemptEnd.Answered : AttemptEnd.Broken };
        }
        catch (OperationCanceledException)
        {
            return attempt with { Ended = recorder.Now, Status = 0, End = leaves.IsCancellationRequested ? AttemptEnd.Abandoned : AttemptEnd.TimedOut };
        }
        catch (WebSocketException e)
        {
            // Only a whole answer has a status; whoever sent no answer closed before it.
            int status = (int)socket.HttpStatusCode;
            return attempt with
            {
                Ended = recorder.Now,
                Status = status,
                Reason = e.GetBaseException().Message,
                End = e.GetBaseException() is NoConnectionException ? AttemptEnd.Refused
                    : status is 0 or (int)HttpStatusCode.SwitchingProtocols ? AttemptEnd.Broken
                    : AttemptEnd.Answered,
            };
        }
    }

    // Somebody always listens: a close frame comes when it comes, and what is written after it may reset the connection.
    private async Task<Tunnel> TalkAsync(ClientWebSocket socket, Tunnel tunnel, CancellationToken leaves)
    {
        Task<ValueWebSocketReceiveResult> receiving = ReceiveAsync(socket);
        while (true)
        {
            Task thinking = Task.Delay(Pace, leaves);
            await Task.WhenAny(receiving, thinking);
            if (thinking.IsCanceled)
            {
                await LeaveAsync(socket, receiving);
                return tunnel;
            }

            try
            {
                string text = TextOf(tunnel.Echoes);
                if (!receiving.IsCompleted)
                {
                    await SendAsync(socket, text);
                }

                (TunnelEnd? end, string? backend) = await ReadAsync(socket, await receiving.WaitAsync(Silence, CancellationToken.None), text);
                if (end is not null || backend != tunnel.Backend)
                {
                    return tunnel with { End = end ?? TunnelEnd.Foreign, Code = (int)(socket.CloseStatus ?? 0) };
                }
            }
            catch (TimeoutException)
            {
                socket.Abort();
                return tunnel with { End = TunnelEnd.Silent };
            }
            catch (WebSocketException)
            {
                return tunnel with { End = TunnelEnd.Broken };
            }

            tunnel = tunnel with { Heard = recorder.Now, Echoes = tunnel.Echoes + 1 };
            receiving = ReceiveAsync(socket);
        }
    }

    private static async Task SendAsync(ClientWebSocket socket, string text)
    {
        try
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        catch (WebSocketException) when (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            // It was closed at the same moment: what we hear says how.
        }
    }

    private static string TextOf(int number) => $"{number.ToString(CultureInfo.InvariantCulture)} {new string('.', number * 37 % PaddingMax)}";

    // A whole message: a balancer may pass it on in parts.
    private async Task<ValueWebSocketReceiveResult> ReceiveAsync(ClientWebSocket socket)
    {
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            length += part.Count;
            if (part.EndOfMessage || length == _buffer.Length)
            {
                return new ValueWebSocketReceiveResult(length, part.MessageType, part.EndOfMessage);
            }
        }
    }

    /// <returns>How it ended, where it did; else who sent back what was sent.</returns>
    private async Task<(TunnelEnd? End, string? Backend)> ReadAsync(ClientWebSocket socket, ValueWebSocketReceiveResult received, string text)
    {
        if (received.MessageType == WebSocketMessageType.Close)
        {
            try
            {
                await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
            catch (WebSocketException)
            {
                // Whoever closed did not wait for our word.
            }

            return (TunnelEnd.Closed, null);
        }

        string echo = Encoding.ASCII.GetString(_buffer.AsSpan(0, received.Count));
        return echo.EndsWith($": {text}", StringComparison.Ordinal) ? (null, string.Intern(echo[..^(text.Length + 2)])) : (TunnelEnd.Foreign, null);
    }

    private static async Task LeaveAsync(ClientWebSocket socket, Task receiving)
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            await receiving.WaitAsync(Silence, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or TimeoutException)
        {
            // It ended by itself at the same moment.
        }
    }
}
