using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Health;

/// <summary>
/// Which nodes probe a backend: the highest-ranked by rendezvous hashing of their names, so that probing does not grow
/// with the cluster, every node comes to the same answer, and a node that leaves moves only what it observed.
/// </summary>
internal static class ObserverPolicy
{
    /// <summary>At most <paramref name="observers"/> of the active nodes, highest rank first.</summary>
    public static ImmutableArray<string> Observers(BackendName backend, ImmutableArray<string> active, int observers) =>
        [.. active
            .Distinct()
            .OrderByDescending(node => Rank(backend, node))
            .ThenBy(node => node, StringComparer.Ordinal)
            .Take(observers)];

    /// <summary>Whether this node probes it. A node that is not (yet) one of the active ones looks for itself.</summary>
    public static bool Observes(string self, BackendName backend, ImmutableArray<string> active, int observers) =>
        !active.Contains(self) || Observers(backend, active, observers).Contains(self);

    // Names come from people and are much alike: a weak hash would give one node most of the backends.
    private static ulong Rank(BackendName backend, string node)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{backend.Pool}\n{backend.Id}\n{node}"), digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }
}
