using ActorLb.Engine;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Health;

/// <summary>One look at one backend.</summary>
internal interface IProbe : IDisposable
{
    /// <summary>
    /// Looks once. A backend that fails in whatever way is a result; throws only <see cref="OperationCanceledException"/>
    /// when the time is up.
    /// </summary>
    Task<ProbeResult> ProbeAsync(CancellationToken cancellation);
}

/// <param name="Detail">Why, in a few words, for the operator: "200", "GET /healthz: 503, expected 200-299", "timed out", "connection refused".</param>
/// <param name="TimedOut">Nothing was heard of the backend in time.</param>
internal readonly record struct ProbeResult(bool Passed, string Detail, bool TimedOut = false)
{
    /// <summary>There was no connection, and that was known at once: refused, unreachable.</summary>
    public bool CouldNotConnect { get; init; }

    /// <summary>There was no socket for it: nobody looked, and nothing follows for the backend.</summary>
    public bool SaysNothing { get; init; }
}

/// <summary>Makes the probe of a backend as its pool's settings want it.</summary>
internal delegate IProbe ProbeFactory(PoolSettings pool, BackendSettings backend);

/// <summary>The probes of this product.</summary>
internal static class Probes
{
    /// <summary>They go where the requests of this data plane go.</summary>
    public static ProbeFactory Of(DataPlane plane)
    {
        return (pool, backend) => Of(pool.Health, TargetOf(plane, pool, backend), Scheme(plane.Topology));
    }

    // Another port than that of requests is another program's, perhaps, which expects no header.
    private static ProbeTarget TargetOf(DataPlane plane, PoolSettings pool, BackendSettings backend) =>
        new(backend.Address, pool.Health.Port, plane.Addresses, plane.BackendTls[pool.Name])
        {
            Protocol = pool.Health is { Port: > 0, Probe: ProbeKind.Http } ? BackendProtocol.Http1 : pool.Protocol,
            Header = pool.Health.Port > 0 ? [] : ProxyHeaderWriter.WithoutClient(pool.ProxyProtocol),
        };

    // Where clients come with TLS and without, applications send the ones without away: what is served is https.
    private static string Scheme(Topology topology) => topology.Listeners.Any(l => l.Tls is not null) ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;

    public static IProbe Of(HealthSettings health, ProbeTarget target, string scheme) => health.Probe switch
    {
        ProbeKind.Http => new HttpProbe(health, target, scheme),
        ProbeKind.Tcp => new TcpProbe(target),
        ProbeKind.Grpc => new GrpcProbe(target, health.HostHeader, health.GrpcService),
        _ => throw new ArgumentOutOfRangeException(nameof(health), health.Probe, "no such probe"),
    };
}
