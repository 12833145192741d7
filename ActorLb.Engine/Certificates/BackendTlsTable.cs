using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>TLS towards backends, one for each pool, for as long as the process lives. Read from any thread.</summary>
public sealed class BackendTlsTable
{
    private readonly ImmutableDictionary<string, BackendTls> _pools;

    /// <exception cref="CertificateFileException">A file cannot be used.</exception>
    public BackendTlsTable(IEnumerable<PoolSettings> pools, TimeProvider time) =>
        _pools = pools.ToImmutableDictionary(p => p.Name, p => new BackendTls(p.Tls, time));

    public BackendTls this[string pool] => _pools[pool];
}
