using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Traffic;

/// <summary>
/// What each backend has been doing, for as long as the process lives: one that comes back under its old address has
/// the same counts. Any thread.
/// </summary>
public sealed class TrafficTable
{
    private readonly ConcurrentDictionary<BackendName, BackendTraffic> _traffic = new();

    public ICollection<BackendName> Keys => _traffic.Keys;

    public ICollection<BackendTraffic> Values => _traffic.Values;

    /// <summary>That of a backend; made where there is none yet.</summary>
    public BackendTraffic this[BackendName backend] => _traffic.GetOrAdd(backend, static _ => new BackendTraffic());

    public bool TryGetValue(BackendName backend, [MaybeNullWhen(false)] out BackendTraffic traffic) =>
        _traffic.TryGetValue(backend, out traffic);
}
