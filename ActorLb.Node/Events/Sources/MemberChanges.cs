using System.Collections.Immutable;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>What has become of nodes between two states of the membership, for a node that was in it all the time.</summary>
internal static class MemberChanges
{
    private const string Joined = "has joined the cluster";

    /// <summary>
    /// Who has just come found the others there, and who is out sees nothing of those that go on: neither has anything to say of them. That
    /// this node has come is a change for itself, too.
    /// </summary>
    public static IEnumerable<EventNote> Between(MembershipChanged before, MembershipChanged after) =>
        !IsUp(after) ? []
        : IsUp(before) ? Changes(before, after)
        : [Note(EventKind.NodeJoined, after.Members.Last(m => m.Name == after.Self), Joined, null)];

    /// <summary>Whether what a note says of a node is still so. A node that is not in the cluster itself knows nothing of the others.</summary>
    public static bool Holds(EventNote note, MembershipChanged now)
    {
        if (!IsOfMember(note.Kind))
        {
            return true;
        }

        string name = NameIn(note.Text);
        NodeMember? member = now.Members.LastOrDefault(m => m.Name == name && IsIn(m));
        return IsUp(now) && note.Kind switch
        {
            EventKind.NodeRemoved => member is null,
            EventKind.NodeUnreachable => member is { Reachable: false },
            EventKind.NodeReachable => member is { Reachable: true },
            _ => member is not null,
        };
    }

    /// <summary>It says whether a node is in the cluster and answers, as all see it.</summary>
    public static bool IsOfMember(EventKind kind) =>
        kind is EventKind.NodeJoined or EventKind.NodeReachable or EventKind.NodeUnreachable or EventKind.NodeRemoved;

    /// <summary>Both say the same of a node's being there: who has joined is, and so is who answers again.</summary>
    public static bool IsSame(EventKind one, EventKind other) =>
        (one == EventKind.NodeReachable ? EventKind.NodeJoined : one) == (other == EventKind.NodeReachable ? EventKind.NodeJoined : other);

    /// <summary>What is said of a node begins with its name.</summary>
    public static string NameIn(string text) => text.Split(' ')[0];

    /// <summary>This node is in, and so are all whom it knows, with no one out of reach.</summary>
    public static bool IsWhole(MembershipChanged membership) => IsUp(membership) && membership.Members.All(m => m.Reachable || !IsIn(m));

    public static EventNote Note(EventKind kind, NodeMember member, string what, EventSeverity? severity) =>
        new(kind, $"{member.Name} {what}") { Severity = severity, Data = new { member = member.Name, address = member.Address[(member.Address.IndexOf('@', StringComparison.Ordinal) + 1)..] } };

    private static IEnumerable<EventNote> Changes(MembershipChanged before, MembershipChanged after)
    {
        Dictionary<string, NodeMember> then = ByAddress(before.Members);
        Dictionary<string, NodeMember> now = ByAddress(after.Members);
        foreach (NodeMember gone in then.Values.Where(m => IsIn(m) && !(now.TryGetValue(m.Address, out NodeMember? still) && IsIn(still))))
        {
            bool left = gone is { Status: "leaving" or "exiting" } or { Status: "up", Reachable: true };
            yield return Note(
                EventKind.NodeRemoved, gone, left ? "has left the cluster" : "was taken out of the cluster, because it did not answer", left ? EventSeverity.Info : EventSeverity.Warning);
        }

        foreach (NodeMember member in now.Values.Where(IsIn))
        {
            bool wasIn = then.TryGetValue(member.Address, out NodeMember? old) && IsIn(old);
            if (!wasIn && member.Status == "up")
            {
                yield return Note(EventKind.NodeJoined, member, Joined, null);
            }

            // Who leaves by itself ends before the others have taken it out.
            if (wasIn && old!.Reachable && !member.Reachable && member.Status is not "exiting")
            {
                yield return Note(EventKind.NodeUnreachable, member, "does not answer", null);
            }
            else if (wasIn && !old!.Reachable && member.Reachable)
            {
                yield return Note(EventKind.NodeReachable, member, "answers again", null);
            }
        }
    }

    private static bool IsUp(MembershipChanged membership) => membership.Members.Any(m => m.Name == membership.Self && m.Status == "up");

    /// <summary>One that has not been let in yet was never there.</summary>
    public static bool IsIn(NodeMember member) => member.Status is "up" or "leaving" or "exiting";

    // The later one of two at an address: the earlier is on its way out.
    private static Dictionary<string, NodeMember> ByAddress(ImmutableArray<NodeMember> members)
    {
        var byAddress = new Dictionary<string, NodeMember>(StringComparer.Ordinal);
        foreach (NodeMember member in members)
        {
            byAddress[member.Address] = member;
        }

        return byAddress;
    }
}
