using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration;

/// <summary>
/// Tells whether two nodes were given the same routes and pools, without either seeing the other's. Secrets are left out: it
/// is shown to whoever may read status.
/// </summary>
internal static class ConfigurationFingerprint
{
    /// <summary>32 bits of a digest: nodes that differ are found, nothing is protected by it.</summary>
    public static uint Of(NodeSettings settings) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new
        {
            Routes = settings.Topology.Routes.ToArray(),
            Pools = settings.Topology.Pools.Values.OrderBy(p => p.Name, StringComparer.Ordinal).Select(WithoutSecrets).ToArray(),
        })));

    private static object WithoutSecrets(PoolSettings pool) => new
    {
        Pool = pool with
        {
            Affinity = pool.Affinity with { Keys = [] },
            Health = pool.Health with { Headers = [] },
            Tls = pool.Tls with { ClientCertificate = null },
        },
        Keys = pool.Affinity.Keys.Select(k => k.Id).ToArray(),
        ShowsCertificate = pool.Tls.ClientCertificate is not null,
    };
}
