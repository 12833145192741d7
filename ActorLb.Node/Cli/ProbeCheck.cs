using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Health;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Health;
using ActorLb.Node.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cli;

/// <summary>Probes every backend of a configuration once, as a node would, from where it is asked.</summary>
internal static class ProbeCheck
{
    private const int AtATime = 32;

    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(2);

    /// <returns>A line for each backend, and whether all are well.</returns>
    public static async Task<(IReadOnlyList<string> Lines, bool AreWell)> RunAsync(NodeSettings settings, INameResolver resolver, TimeProvider time)
    {
        var plane = new DataPlane(settings, time);
        plane.Addresses.LookUp = async name => await resolver.ResolveAllAsync(name, CancellationToken.None) is { } found ? [.. found] : [];
        ProbeFactory probes = Probes.Of(plane);
        var lines = new List<string>();
        bool areWell = true;
        foreach (PoolSettings pool in settings.Topology.Pools.Values.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            NamedBackendsState state = NamedBackendsState.Start(pool, pool.Backends);
            foreach (NamedBackends name in pool.Names)
            {
                using var timeout = new CancellationTokenSource(LookUpTimeout, time);
                if (FamilyPolicy.Choose(await resolver.ResolveAllAsync(name.Host, timeout.Token), name.Family) is { } found)
                {
                    state = state.With(name, found, time.GetUtcNow());
                }
                else
                {
                    lines.Add($"{pool.Name}: dns://{name.Host}:{name.Port} does not resolve here");
                    areWell = false;
                }
            }

            ImmutableArray<BackendSettings> backends = state.Backends(time.GetUtcNow(), TimeSpan.Zero);
            var results = new ProbeResult[backends.Length];
            await Parallel.ForAsync(0, backends.Length, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (i, _) =>
                results[i] = await AskAsync(probes(pool, backends[i]), pool.Health.Timeout, time));
            for (int i = 0; i < results.Length; i++)
            {
                lines.Add($"{pool.Name}/{backends[i].Id}: {Text(pool.Name, results[i])}");
                areWell &= results[i].Passed;
            }
        }

        return (lines, areWell);
    }

    private static async Task<ProbeResult> AskAsync(IProbe probe, TimeSpan timeout, TimeProvider time)
    {
        using (probe)
        {
            using var deadline = new CancellationTokenSource(timeout, time);
            try
            {
                return await probe.ProbeAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                return new ProbeResult(Passed: false, "timed out", TimedOut: true);
            }
        }
    }

    private static string Text(string pool, ProbeResult result) => result.Passed
        ? $"well ({result.Detail})"
        : $"not well ({result.Detail}){(ProbeAdvice.For(pool, result.Detail) is { Length: > 0 } advice ? $"; {advice}" : "")}";
}
