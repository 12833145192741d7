using System.Net.Sockets;

namespace ActorLb.Node.Health;

/// <summary>Connects and hangs up: passes where somebody listens.</summary>
internal sealed class TcpProbe(ProbeTarget target) : IProbe
{
    public async Task<ProbeResult> ProbeAsync(CancellationToken cancellation)
    {
        try
        {
            using Socket socket = await target.ConnectSocketAsync(cancellation);
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
