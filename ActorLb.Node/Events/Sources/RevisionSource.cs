using ActorLb.Node.Revisions;

namespace ActorLb.Node.Events.Sources;

/// <summary>The cluster goes by another revision, which all nodes see; and this node cannot, which it says itself.</summary>
internal sealed class RevisionSource(Func<RevisionStatus> status, SharedFacts facts) : IEventSource
{
    private RevisionStatus? _before;

    public void Look(IEventSink events)
    {
        RevisionStatus now = status();
        RevisionStatus? before = _before;
        _before = now;
        if (ReferenceEquals(before, now))
        {
            return;
        }

        if (now.History.Head is { } head && before is not null && before.History.Head?.Id != head.Id)
        {
            facts.Offer(Of(head), first: head.Id.Node);
        }

        if (now.Problem is { } problem && problem != before?.Problem)
        {
            events.Note(new EventNote(EventKind.TopologyRefused, $"{events.Node} cannot run revision {now.History.Head?.Id.Number}, which is in force: {problem}")
            {
                Data = new { revision = now.History.Head?.Id.Number },
            });
        }
    }

    private static EventNote Of(Revision head)
    {
        (EventKind kind, string what) = head.IsRelease ? (EventKind.TopologyReleased, "releases the cluster: each node's files have their say again")
            : head.Note.StartsWith("rollback", StringComparison.Ordinal) ? (EventKind.TopologyRolledBack, $"is in force, a {head.Note}")
            : (EventKind.TopologyApplied, "is in force");
        return new EventNote(kind, $"Revision {head.Id.Number}, which {head.Id.Node} took, {what}")
        {
            Data = new { revision = head.Id.Number, takenBy = head.Id.Node },
            Who = head.Who.Length == 0 ? null : head.Who,
        };
    }
}
