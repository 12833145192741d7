using System.Net.WebSockets;
using System.Text;

namespace ActorLb.Node.SampleBackend;

/// <summary>A WebSocket that sends back what it gets: text with the server's name before it, binary as it came.</summary>
internal static class SampleEcho
{
    public const int MessageBytesMax = 64 * 1024;

    /// <summary>Runs until the client closes, or <paramref name="stopping"/> says that the server goes away.</summary>
    public static async Task RunAsync(WebSocket socket, string server, CancellationToken stopping)
    {
        byte[] prefix = Encoding.UTF8.GetBytes($"{server}: ");
        var message = new byte[prefix.Length + MessageBytesMax];
        prefix.CopyTo(message, 0);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = stopping.Register(stop.SetResult);
        while (true)
        {
            // A cancelled receive would abort the connection; closing it in good order needs the socket alive.
            Task<Received> receiving = ReceiveAsync(socket, message.AsMemory(prefix.Length));
            if (await Task.WhenAny(receiving, stop.Task) == stop.Task)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "the server stops", CancellationToken.None);
                await receiving;
                return;
            }

            Received received = await receiving;
            if (received.Length > MessageBytesMax)
            {
                await socket.CloseAsync(WebSocketCloseStatus.MessageTooBig, "64 KiB at most", CancellationToken.None);
                return;
            }

            if (received.Type == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                return;
            }

            ReadOnlyMemory<byte> answer = received.Type == WebSocketMessageType.Text
                ? message.AsMemory(0, prefix.Length + received.Length)
                : message.AsMemory(prefix.Length, received.Length);
            await socket.SendAsync(answer, received.Type, endOfMessage: true, CancellationToken.None);
        }
    }

    private readonly record struct Received(WebSocketMessageType Type, int Length);

    /// <summary>One whole message; a length above the maximum says that it did not fit.</summary>
    private static async Task<Received> ReceiveAsync(WebSocket socket, Memory<byte> buffer)
    {
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer[length..], CancellationToken.None);
            length += part.Count;
            if (part.EndOfMessage)
            {
                return new Received(part.MessageType, length);
            }

            if (length == buffer.Length)
            {
                return new Received(part.MessageType, MessageBytesMax + 1);
            }
        }
    }
}
