using System.Collections.Immutable;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>What has become of nodes between two states of the membership.</summary>
internal static class MemberChanges
{
    public static IEnumerable<EventNote> Between(MembershipChanged before, MembershipChanged after)
    {
        Dictionary<string, NodeMember> then = ByAddress(before.Members);
        Dictionary<string, NodeMember> now = ByAddress(after.Members);
        // That this node is gone is for those to say who go on without it: it comes back before it has heard that.
        foreach (NodeMember gone in then.Values.Where(m => m.Name != after.Self && IsIn(m) && !(now.TryGetValue(m.Address, out NodeMember? still) && IsIn(still))))
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
                yield return Note(EventKind.NodeJoined, member, "has joined the cluster", null);
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

    // One that has not been let in yet was never there.
    private static bool IsIn(NodeMember member) => member.Status is "up" or "leaving" or "exiting";

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

    private static EventNote Note(EventKind kind, NodeMember member, string what, EventSeverity? severity) =>
        new(kind, $"{member.Name} {what}") { Severity = severity, Data = new { member = member.Name, address = member.Address[(member.Address.IndexOf('@', StringComparison.Ordinal) + 1)..] } };
}
