using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Health;

/// <summary>A backend on loopback that answers every request with the status that the test wants now.</summary>
internal sealed class SmallServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopped = new();
    private TcpListener _listener;
    private Task _accepting;
    private volatile int _status = 200;

    public SmallServer()
    {
        // While it is stopped, the system gives the port to nobody.
        Port = LoopbackPorts.Free("127.0.0.1", 1)[0];
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    public int Port { get; }

    public int Status
    {
        get => _status;
        set => _status = value;
    }

    public BackendSettings Settings(string id) => new(id, new Uri($"http://127.0.0.1:{Port}"), 1);

    /// <summary>Nobody listens any more: connections are refused.</summary>
    public async Task StopAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    public void Restart()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await StopAsync();
        _stopped.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptSocketAsync(_stopped.Token));
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                byte[] buffer = new byte[4096];
                await socket.ReceiveAsync(buffer, _stopped.Token);
                await socket.SendAsync(
                    Encoding.ASCII.GetBytes($"HTTP/1.1 {Status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), _stopped.Token);
                socket.Shutdown(SocketShutdown.Send);
                await socket.ReceiveAsync(buffer, _stopped.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The client left, or the test is over.
            }
        }
    }
}
