using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>TLS towards backends, one for each pool, for as long as the process lives. Read from any thread.</summary>
public sealed class BackendTlsTable
{
    private readonly TimeProvider _time;
    private readonly ImmutableDictionary<string, (BackendTlsSettings Settings, BackendTls Tls)> _pools;

    /// <exception cref="CertificateFileException">A file cannot be used.</exception>
    public BackendTlsTable(IEnumerable<PoolSettings> pools, TimeProvider time)
        : this(pools, time, ImmutableDictionary<string, (BackendTlsSettings, BackendTls)>.Empty)
    {
    }

    private BackendTlsTable(IEnumerable<PoolSettings> pools, TimeProvider time, ImmutableDictionary<string, (BackendTlsSettings, BackendTls)> known)
    {
        _time = time;
        _pools = pools.ToImmutableDictionary(
            p => p.Name,
            p => known.TryGetValue(p.Name, out (BackendTlsSettings Settings, BackendTls Tls) one) && one.Settings == p.Tls ? one : (p.Tls, new BackendTls(p.Tls, time)));
    }

    /// <summary>For these pools; of those whose settings are the same it is the same.</summary>
    /// <exception cref="CertificateFileException">A file cannot be used.</exception>
    public BackendTlsTable With(IEnumerable<PoolSettings> pools) => new(pools, _time, _pools);

    public BackendTls this[string pool] => _pools[pool].Tls;
}
