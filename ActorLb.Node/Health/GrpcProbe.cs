using System.Net.Sockets;
using System.Security.Authentication;
using ActorLb.Engine.Health;

namespace ActorLb.Node.Health;

/// <summary>Asks grpc.health.v1.Health/Check, each time on a fresh connection, as probes of HTTP do.</summary>
internal sealed class GrpcProbe(ProbeTarget target, string host, string service) : IProbe
{
    private readonly string _asked = service.Length == 0 ? "Health/Check" : $"Health/Check {service}";

    public async Task<ProbeResult> ProbeAsync(CancellationToken cancellation)
    {
        try
        {
            await using Stream call = await target.ConnectAsync(cancellation);
            string? fault = await new GrpcHealthCheck(call).AskAsync(host.Length > 0 ? host : target.Backend.Authority, service, cancellation);
            return fault is null ? new ProbeResult(Passed: true, "SERVING") : new ProbeResult(Passed: false, $"{_asked}: {fault}");
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException)
        {
            cancellation.ThrowIfCancellationRequested();
            return ProbeFailure.Of(e);
        }
    }

    public void Dispose()
    {
    }
}
