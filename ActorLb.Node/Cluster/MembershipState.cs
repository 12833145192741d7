using System.Collections.Immutable;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Cluster;

/// <summary>What is known of one member's standing.</summary>
/// <param name="Order">Its place by age: lower is older.</param>
/// <param name="Status">Lower case, as the admin API shows it.</param>
internal sealed record MemberSighting(MemberKey Key, string Name, string Status, int Order);

/// <summary>Who is in, as this node was told, event by event. Pure.</summary>
internal sealed class MembershipState
{
    private readonly ImmutableDictionary<MemberKey, MemberSighting> _members;
    private readonly ImmutableHashSet<MemberKey> _unreachable;

    private MembershipState(
        string self, ImmutableDictionary<MemberKey, MemberSighting> members, ImmutableHashSet<MemberKey> unreachable)
    {
        Self = self;
        _members = members;
        _unreachable = unreachable;
    }

    /// <summary>This node's name.</summary>
    public string Self { get; }

    /// <summary>Oldest first.</summary>
    public MembershipChanged Current => new(
        Self,
        [
            .. _members.Values
                .OrderBy(m => m.Order)
                .ThenBy(m => m.Key.Address, StringComparer.Ordinal)
                .ThenBy(m => m.Key.Uid)
                .Select(m => new NodeMember(m.Name, m.Key.Address, m.Status, !_unreachable.Contains(m.Key))),
        ]);

    public static MembershipState Of(string self) => new(self, [], []);

    /// <summary>Replaces who is in and how old they are; what is known of their reachability stays.</summary>
    public MembershipState Seen(IEnumerable<MemberSighting> members)
    {
        var seen = members.ToImmutableDictionary(m => m.Key);
        return new MembershipState(Self, seen, _unreachable.Intersect(seen.Keys));
    }

    public MembershipState Unreachable(MemberKey member) => new(Self, _members, _unreachable.Add(member));

    public MembershipState Reachable(MemberKey member) => new(Self, _members, _unreachable.Remove(member));

    /// <summary>Members that are up and share a name, oldest first.</summary>
    public static ILookup<string, NodeMember> Twins(MembershipChanged membership) => membership.Members
        .Where(m => m is { Status: "up", Reachable: true })
        .GroupBy(m => m.Name, StringComparer.Ordinal)
        .Where(g => g.Skip(1).Any())
        .SelectMany(g => g)
        .ToLookup(m => m.Name, StringComparer.Ordinal);

    public static bool Same(MembershipChanged left, MembershipChanged right) =>
        left.Self == right.Self && left.Members.AsSpan().SequenceEqual(right.Members.AsSpan());
}
