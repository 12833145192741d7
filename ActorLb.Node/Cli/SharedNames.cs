using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Backends;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cli;

/// <summary>Finds backends whose name leads to several servers here and now. One server that has addresses of both families is none.</summary>
internal static class SharedNames
{
    /// <summary>That are looked up: a look-up that nobody answers holds a thread for as long as it lasts.</summary>
    private const int NamesMax = 256;

    private const int AtATime = 32;

    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(2);

    /// <returns>A line each. Names that do not resolve here are passed over: they may where the node runs.</returns>
    public static async Task<IReadOnlyList<string>> WarningsAsync(NodeSettings settings, INameResolver resolver, TimeProvider time)
    {
        (string Pool, BackendSettings Backend)[] named =
        [
            .. settings.Topology.Pools.Values
                .OrderBy(p => p.Name, StringComparer.Ordinal)
                .SelectMany(p => p.Backends.Select(b => (p.Name, b)))
                .Where(b => b.b.Address.HostNameType == UriHostNameType.Dns),
        ];
        (string Pool, BackendSettings Backend)[] first = [.. named.DistinctBy(n => (n.Pool, n.Backend.Address.IdnHost)).Take(NamesMax)];
        var lines = new string?[first.Length];
        await Parallel.ForAsync(0, first.Length, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (i, _) =>
            lines[i] = await WarningAsync(first[i].Pool, first[i].Backend, resolver, time));
        return [.. lines.OfType<string>()];
    }

    private static async Task<string?> WarningAsync(string pool, BackendSettings backend, INameResolver resolver, TimeProvider time)
    {
        using var timeout = new CancellationTokenSource(LookUpTimeout, time);
        ImmutableArray<IPAddress>? found = await resolver.ResolveAllAsync(backend.Address.IdnHost, timeout.Token);
        if (found is not { } addresses || addresses.GroupBy(a => a.AddressFamily).All(f => f.Count() == 1))
        {
            return null;
        }

        string order = string.Join(", ", BackendAddresses.Ordered(addresses).Select(a => a.ToString()));
        return $"actorlb.pools.{pool}.backends: {backend.Address.IdnHost} leads to {addresses.Length} addresses: {order} are tried in this order"
            + $" until one takes the connection; \"dns://{backend.Address.IdnHost}:{backend.Address.Port}\" makes each a backend";
    }
}
