using System.Collections.Immutable;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Revisions;

/// <summary>Tells the other members what this one has, and gets from them what it has not. Used by RevisionActor alone.</summary>
internal sealed class RevisionPeers(string node, IActorRef self, ActorSystem system)
{
    private readonly HashSet<string> _heard = [];
    private readonly HashSet<RevisionId> _wanted = [];
    private ImmutableArray<NodeMember> _others = [];
    private bool _isMember;

    /// <summary>This node is a member, and whoever of the others can be reached has said what it has, and has sent what was missing.</summary>
    public bool HasHeardAll => _isMember && _wanted.Count == 0 && _others.All(m => !m.Reachable || m.Status != "up" || _heard.Contains(m.Name));

    public void Follow(MembershipChanged membership, RevisionHistory history)
    {
        _isMember = membership.Members.Any(m => m.Name == node && m.Status == "up");
        _others = [.. membership.Members.Where(m => m.Name != node && m.Status is not ("down" or "removed"))];
        _heard.IntersectWith(_others.Select(m => m.Name));
        TellAll(history);
    }

    public void TellAll(RevisionHistory history)
    {
        var known = new RevisionsKnown(node, [.. history.All.Select(r => r.Id)]);
        foreach (NodeMember member in _others.Where(m => m.Reachable))
        {
            system.At<RevisionActor>(member.Address).Tell(known, self);
        }
    }

    public void Heard(RevisionsKnown known, RevisionHistory history, IActorRef sender)
    {
        _heard.Add(known.Node);
        ImmutableArray<RevisionId> missing = [.. known.Ids.Where(history.Wants)];
        if (!missing.IsEmpty)
        {
            _wanted.UnionWith(missing);
            sender.Tell(new AskRevisions(missing), self);
        }
    }

    public void Told(RevisionId id) => _wanted.Remove(id);
}
