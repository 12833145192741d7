using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>
/// Once the nodes are together again, the oldest ends what those that were frozen or cut off have said of nodes that were there all
/// the time. No node saw them come back, so that nobody else would.
/// </summary>
/// <param name="membership">As this node sees it now.</param>
internal sealed class PartitionEndSource(EventLog log, Func<MembershipChanged> membership) : IEventSource
{
    /// <summary>A word of a node that is not back is left to it for so long: it may have more to say.</summary>
    public static readonly TimeSpan AuthorAwayMax = TimeSpan.FromSeconds(15);

    /// <summary>Longer than what one node has seen takes to be seen by all, so that no word is ended that is true in a moment.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    private readonly MemberWords _words = new(log);
    private DateTimeOffset? _wholeSince;

    public void Look(IEventSink events)
    {
        MembershipChanged now = membership();
        if (!MemberChanges.IsWhole(now) || now.Active.IndexOf(log.Node) != 0)
        {
            _wholeSince = null;
            return;
        }

        _wholeSince ??= log.Now;
        foreach (NodeMember member in now.Members.Where(m => m is { Status: "up", Reachable: true }))
        {
            if (_words.On(member.Name) is { Event.Kind: EventKind.NodeRemoved or EventKind.NodeUnreachable } word && IsOver(word, now))
            {
                events.Note(MemberChanges.Note(EventKind.NodeReachable, member, $"is in the cluster and answers: {word.Event.Id.Node} saw that otherwise for a while", null) with { Cause = word.Event.Id });
            }
        }
    }

    private bool IsOver(MemberWord word, MembershipChanged now)
    {
        DateTimeOffset since = word.HeardAt > _wholeSince ? word.HeardAt : _wholeSince!.Value;
        return log.Now - since >= (now.Active.Contains(word.Event.Id.Node) ? Settled : AuthorAwayMax);
    }
}
