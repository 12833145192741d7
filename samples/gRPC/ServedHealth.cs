using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GrpcSample;

/// <summary>What the server says of itself, in grpc.health.v1 and at /healthz, until it is told to say something else.</summary>
public sealed class ServedHealth : IHealthCheck
{
    public bool IsServing { get; set; } = true;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(IsServing ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("told not to serve"));
}
