using System.Net.Sockets;

namespace ActorLb.Node.Health;

/// <summary>Connects and hangs up: passes where somebody listens.</summary>
internal sealed class TcpProbe(Uri backend) : IProbe
{
    public async Task<ProbeResult> ProbeAsync(CancellationToken cancellation)
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(backend.DnsSafeHost, backend.Port, cancellation);
            return new ProbeResult(Passed: true, "connected");
        }
        catch (SocketException e)
        {
            return ProbeFailure.Of(e);
        }
    }

    public void Dispose()
    {
    }
}
