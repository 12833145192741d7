using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// TLS towards backends, one for each pool. Read from any thread; changed by one at a time, in two steps: what cannot be loaded is
/// known before anything changes.
/// </summary>
public sealed class BackendTlsTable
{
    /// <summary>Requests that took a pool before it was removed may still connect to its backends.</summary>
    private static readonly TimeSpan KeptAfterRemoval = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private volatile ImmutableDictionary<string, BackendTls> _pools;
    private volatile ImmutableDictionary<string, (BackendTls Tls, long Since)> _removed = ImmutableDictionary<string, (BackendTls, long)>.Empty;

    /// <exception cref="CertificateFileException">A file cannot be used.</exception>
    public BackendTlsTable(IEnumerable<PoolSettings> pools, TimeProvider time)
    {
        _time = time;
        _pools = pools.ToImmutableDictionary(p => p.Name, p => new BackendTls(p.Tls, time, p.Name));
    }

    /// <summary>Of a pool that there is, or was until a minute ago.</summary>
    public BackendTls this[string pool] =>
        _pools.TryGetValue(pool, out BackendTls? found) ? found
        : _removed.TryGetValue(pool, out (BackendTls Tls, long) removed) ? removed.Tls
        : throw new KeyNotFoundException($"there is no pool '{pool}'");

    /// <summary>Those of the pools that there are. Drops the others when their time is up.</summary>
    internal IEnumerable<BackendTls> Followed
    {
        get
        {
            Drop();
            return _pools.Values;
        }
    }

    /// <summary>What backends are shown.</summary>
    public IEnumerable<CertificateInUse> InUse => _pools.Values.Select(p => p.InUse).OfType<CertificateInUse>();

    /// <summary>Loads what these pools name. Nothing changes before <see cref="Next.Commit"/>; one that is not committed is left as it is.</summary>
    /// <exception cref="CertificateFileException">A file cannot be used; the message has the key of the configuration.</exception>
    public Next Prepare(IEnumerable<PoolSettings> pools)
    {
        ImmutableDictionary<string, BackendTls> now = _pools;
        var next = ImmutableDictionary.CreateBuilder<string, BackendTls>();
        foreach (PoolSettings pool in pools)
        {
            var loaded = new BackendTls(pool.Tls, _time, pool.Name);
            next[pool.Name] = now.TryGetValue(pool.Name, out BackendTls? before) && before.IsSame(loaded) ? before : loaded;
        }

        return new Next(this, next.ToImmutable());
    }

    private void Commit(ImmutableDictionary<string, BackendTls> next)
    {
        long now = _time.GetTimestamp();
        Drop();
        _removed = _removed.RemoveRange(next.Keys).SetItems(
            _pools.Where(p => !next.ContainsKey(p.Key)).Select(p => KeyValuePair.Create(p.Key, (p.Value, now))));
        _pools = next;
    }

    private void Drop()
    {
        ImmutableDictionary<string, (BackendTls Tls, long Since)> removed = _removed;
        if (!removed.IsEmpty)
        {
            ImmutableDictionary<string, (BackendTls Tls, long Since)> left =
                removed.RemoveRange(removed.Where(r => _time.GetElapsedTime(r.Value.Since) >= KeptAfterRemoval).Select(r => r.Key));

            // Who has changed it meanwhile drops the rest the next time.
            Interlocked.CompareExchange(ref _removed, left, removed);
        }
    }

    /// <summary>What a change of the pools has loaded.</summary>
    public sealed class Next
    {
        private readonly BackendTlsTable _table;
        private readonly ImmutableDictionary<string, BackendTls> _pools;

        internal Next(BackendTlsTable table, ImmutableDictionary<string, BackendTls> pools)
        {
            _table = table;
            _pools = pools;
        }

        /// <summary>New connections use it from now on.</summary>
        public void Commit() => _table.Commit(_pools);
    }
}
