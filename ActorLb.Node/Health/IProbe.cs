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

/// <param name="Detail">Why, in a few words, for the operator: "200", "503", "timed out", "connection refused".</param>
/// <param name="TimedOut">Nothing was heard of the backend in time.</param>
internal readonly record struct ProbeResult(bool Passed, string Detail, bool TimedOut = false);

/// <summary>Makes the probe of a backend as its pool's settings want it.</summary>
internal delegate IProbe ProbeFactory(PoolSettings pool, BackendSettings backend);

/// <summary>The probes of this product.</summary>
internal static class Probes
{
    public static IProbe Of(PoolSettings pool, BackendSettings backend) => pool.Health.Probe switch
    {
        ProbeKind.Http => new HttpProbe(pool.Health, backend.Address),
        ProbeKind.Tcp => new TcpProbe(backend.Address),
        _ => throw new ArgumentOutOfRangeException(nameof(pool), pool.Health.Probe, "no such probe"),
    };
}
