using System.Collections.Immutable;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using Akka.Actor;
using Akka.Cluster;

namespace ActorLb.Node.Revisions;

/// <summary>A member that has a say in what is decided.</summary>
/// <param name="Addresses">More than one where it came back at another one, and the one before is not missed yet.</param>
internal sealed record RevisionMember(string Name, bool CanBeReached, ImmutableArray<Address> Addresses);

/// <summary>The members as this node sees them, and questions to their RevisionActors. Any thread.</summary>
internal sealed class RevisionMembers(ActorSystem system, string self, IActorRef own)
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(system);

    /// <summary>Names of nodes that are no members any more and may serve all the same.</summary>
    public ImmutableArray<string> Lost { get; private set; } = [];

    public void Follow(MembershipChanged membership) => Lost = [.. membership.Lost.Select(l => l.Name)];

    /// <summary>Who cannot be reached counts as well, until it is removed. A node that has no cluster is alone.</summary>
    public ImmutableArray<RevisionMember> Now()
    {
        ClusterEvent.CurrentClusterState state = _cluster.State;
        return
        [
            .. state.Members
                .Where(m => m.Status is MemberStatus.Up or MemberStatus.Leaving)
                .Select(m => (Name: MembershipActor.NameOf(m), m.Address, CanBeReached: !state.Unreachable.Contains(m)))
                .Where(m => m.Name != self)
                .GroupBy(m => m.Name, StringComparer.Ordinal)
                .Select(g => new RevisionMember(g.Key, g.Any(m => m.CanBeReached), [.. g.Where(m => m.CanBeReached).Select(m => m.Address)]))
                .Append(new RevisionMember(self, CanBeReached: true, []))
                .OrderBy(m => m.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The answer of a member; null where there is none in time.</summary>
    public async Task<T?> AskAsync<T>(RevisionMember member, object question, TimeSpan timeout)
        where T : class
    {
        try
        {
            return member.Name == self ? await own.Ask<T>(question, timeout)
                : member.Addresses.IsEmpty ? null
                : await system.At<RevisionActor>(member.Addresses[^1]).Ask<T>(question, timeout);
        }
        catch (Exception)
        {
            // Late, or the actor system ends: either way nobody answers.
            return null;
        }
    }

    public void Tell(RevisionMember member, object message)
    {
        if (member.Name == self)
        {
            own.Tell(message);
        }
        else if (!member.Addresses.IsEmpty)
        {
            system.At<RevisionActor>(member.Addresses[^1]).Tell(message);
        }
    }
}
