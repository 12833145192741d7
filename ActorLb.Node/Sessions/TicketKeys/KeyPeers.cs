using System.Collections.Immutable;
using ActorLb.Node.Cluster;
using Akka.Actor;
using Akka.Cluster;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>A member whose TicketKeyActor keeps keys.</summary>
internal sealed record KeyPeer(Address Node, bool IsSelf);

/// <summary>
/// The members as the conversation about ticket keys needs them: who holds keys, and who leads. Kept from the events in
/// their order: a member must not be gone from here before its removal was heard and it counts as lost.
/// </summary>
internal sealed class KeyPeers(Akka.Cluster.Cluster cluster)
{
    private readonly Dictionary<UniqueAddress, Member> _members = [];
    private readonly HashSet<UniqueAddress> _unreachable = [];

    /// <summary>No member that is up is older, whether it can be reached or not.</summary>
    public bool IsOldest => _members.Values
        .Where(m => m.Status is MemberStatus.Up or MemberStatus.Leaving)
        .All(m => !m.IsOlderThan(cluster.SelfMember));

    /// <summary>The oldest member that is up and can be reached; it leads. Null before this node is up.</summary>
    public KeyPeer? Leader => _members.Values
        .Where(m => m.Status == MemberStatus.Up && IsReached(m))
        .Order(Member.AgeOrdering)
        .Select(Peer)
        .FirstOrDefault();

    /// <summary>Members that verify tickets or are about to; those that leave have closed their listeners.</summary>
    public ImmutableArray<KeyHolder> Holders =>
    [
        .. _members.Values
            .Where(m => m.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up or MemberStatus.Down)
            .Select(m => HolderOf(m, m.Status != MemberStatus.Down && IsReached(m))),
    ];

    public static KeyHolder HolderOf(Member member, bool reachable) => new(member.UniqueAddress.Uid, MembershipActor.NameOf(member), reachable);

    public KeyPeer? Of(KeyHolder holder) =>
        _members.Values.Where(m => m.UniqueAddress.Uid == holder.Uid).Select(Peer).FirstOrDefault();

    public void Happened(ClusterEvent.IMemberEvent happened)
    {
        if (happened is ClusterEvent.MemberRemoved)
        {
            _members.Remove(happened.Member.UniqueAddress);
            _unreachable.Remove(happened.Member.UniqueAddress);
        }
        else
        {
            _members[happened.Member.UniqueAddress] = happened.Member;
        }
    }

    public void Happened(ClusterEvent.IReachabilityEvent happened)
    {
        switch (happened)
        {
            case ClusterEvent.UnreachableMember lost:
                _unreachable.Add(lost.Member.UniqueAddress);
                break;
            case ClusterEvent.ReachableMember found:
                _unreachable.Remove(found.Member.UniqueAddress);
                break;
        }
    }

    private bool IsReached(Member member) => !_unreachable.Contains(member.UniqueAddress);

    private KeyPeer Peer(Member member) =>
        new(member.Address, member.UniqueAddress == cluster.SelfUniqueAddress);
}
