using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Routing;

/// <summary>
/// What each backend has been doing, for as long as some pool has it or something of it is open. Any thread.
/// </summary>
public sealed class TrafficTable
{
    private readonly ConcurrentDictionary<BackendName, BackendTraffic> _traffic = new();

    public ICollection<BackendName> Keys => _traffic.Keys;

    public int Count => _traffic.Count;

    public ICollection<BackendTraffic> Values => _traffic.Values;

    /// <summary>That of a backend; made where there is none yet.</summary>
    public BackendTraffic this[BackendName backend] => _traffic.GetOrAdd(backend, static _ => new BackendTraffic());

    /// <summary>The backend is in a pool: the object that its snapshot has is the one that all others find.</summary>
    internal void Keep(BackendName backend, BackendTraffic traffic)
    {
        traffic.Remember();
        _traffic[backend] = traffic;
    }

    internal void Forget(BackendName backend)
    {
        if (_traffic.TryRemove(backend, out BackendTraffic? traffic))
        {
            traffic.Forget();
        }
    }

    public bool TryGetValue(BackendName backend, [MaybeNullWhen(false)] out BackendTraffic traffic) =>
        _traffic.TryGetValue(backend, out traffic);
}
