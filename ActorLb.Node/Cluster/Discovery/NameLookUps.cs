using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>When the name of the nodes is looked up, one look-up at a time. Used by DiscoveryActor alone, but for <see cref="ResolveAsync"/>.</summary>
internal sealed class NameLookUps(string name, INameResolver resolver, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private DateTimeOffset _dueAt;
    private bool _isUnderWay;
    private bool? _resolves;

    /// <summary>Whether one is due; it is under way then.</summary>
    public bool TryBegin()
    {
        bool begins = !_isUnderWay && time.GetUtcNow() >= _dueAt;
        _isUnderWay |= begins;
        return begins;
    }

    public async Task<ImmutableArray<IPAddress>?> ResolveAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        return await resolver.TryAsync(name, timeout.Token);
    }

    /// <param name="found">Null: the name does not resolve.</param>
    /// <param name="pause">Until the next one.</param>
    public void Ended(ImmutableArray<IPAddress>? found, TimeSpan pause)
    {
        _isUnderWay = false;
        _dueAt = time.GetUtcNow() + pause;
        if (_resolves != found.HasValue && found is null)
        {
            Log.NodesNameUnresolved(logger, name);
        }

        _resolves = found.HasValue;
    }
}
