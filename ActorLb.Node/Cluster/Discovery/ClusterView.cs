using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>One life of a member, as clusters tell each other of it.</summary>
/// <param name="Since">When its control plane started, in milliseconds since 1970-01-01 UTC, by the time that it went by then.</param>
internal readonly record struct ClusterMember(HostPort Address, int Uid, long Since);

/// <summary>
/// A cluster as seen from within: the members that are up and reachable. Any two clusters are in an order that all
/// nodes agree on, so that of two that meet, one moves to the other. Immutable.
/// </summary>
internal sealed class ClusterView : IEquatable<ClusterView>
{
    private ClusterView(ImmutableArray<ClusterMember> members) => Members = members;

    /// <summary>In the order of their addresses.</summary>
    public ImmutableArray<ClusterMember> Members { get; }

    public static ClusterView Of(IEnumerable<ClusterMember> members) =>
        new([.. members.OrderBy(m => m.Address, AddressOrder.Instance).ThenBy(m => m.Uid)]);

    /// <summary>True where they share a life of a member: not two clusters, but one whose news are under way.</summary>
    public bool Overlaps(ClusterView other) =>
        Members.Any(m => other.Members.Any(o => o.Address == m.Address && o.Uid == m.Uid));

    /// <summary>True where the other cluster's nodes move to this one: it is larger, or older, or has the lower address.</summary>
    public bool Beats(ClusterView other)
    {
        if (Members.Length != other.Members.Length)
        {
            return Members.Length > other.Members.Length;
        }

        if (Members.IsEmpty)
        {
            return false;
        }

        long age = Members.Min(m => m.Since).CompareTo(other.Members.Min(m => m.Since));
        return age != 0 ? age < 0 : AddressOrder.Instance.Compare(Members[0].Address, other.Members[0].Address) < 0;
    }

    public bool Equals(ClusterView? other) => other is not null && Members.AsSpan().SequenceEqual(other.Members.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as ClusterView);

    public override int GetHashCode() => Members.Length;

    public override string ToString() => $"{Members.Length} member(s) at {string.Join(", ", Members.Select(m => m.Address))}";
}

/// <summary>By host, then by port: which node is the lowest.</summary>
internal sealed class AddressOrder : IComparer<HostPort>
{
    public static readonly AddressOrder Instance = new();

    public int Compare(HostPort left, HostPort right) =>
        string.CompareOrdinal(left.Host, right.Host) is var host and not 0 ? host : left.Port.CompareTo(right.Port);
}
