using System.Collections.Immutable;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>
/// What all nodes see is said by one of them: the oldest that is up and reachable, or before it who knows most of it. The others wait for its event, and where it does
/// not come, because that node has just died for instance, the next one says it. A node that is in no cluster yet waits for a while, and
/// then speaks for itself. What is no longer so when a node's turn comes is not said: a node that was frozen or cut off does not tell the others,
/// once it is back, what it saw of them alone. Any thread.
/// </summary>
/// <param name="membership">As this node sees it now.</param>
/// <param name="pauses">Of this node: when it has just woken, it says of nobody that he is gone. Null: it has none.</param>
internal sealed class SharedFacts(EventLog log, Func<MembershipChanged> membership, OwnPauses? pauses = null) : IEventSource
{
    /// <summary>After which the next node speaks, and again so much later the one after that. An event is at the others within milliseconds.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    /// <summary>How long a node that starts waits for the cluster before it speaks alone: longer than joining takes.</summary>
    public static readonly TimeSpan AloneAfter = TimeSpan.FromSeconds(15);

    /// <summary>The same fact, said by somebody so long before or after it was seen here, is the same event.</summary>
    private static readonly TimeSpan SameWithin = TimeSpan.FromSeconds(10);

    /// <summary>Of a node's coming: longer than <see cref="SameWithin"/>, as one that is frozen for a moment sees it late.</summary>
    private static readonly TimeSpan JoinedWithin = TimeSpan.FromMinutes(1);

    private const int PendingMax = 1024;

    private readonly Lock _gate = new();
    private readonly LastWords _words = LastWords.OnMembers(log);
    private ImmutableList<Pending> _pending = [];

    /// <summary>Nothing waits to be said.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_gate)
            {
                return _pending.IsEmpty;
            }
        }
    }

    /// <param name="isNewsHereOnly">The others may have known it for long: it is said by the oldest, or by nobody.</param>
    /// <param name="first">Who knows most of it, and so speaks before the oldest; null: nobody does.</param>
    public void Offer(EventNote note, bool isNewsHereOnly = false, string? first = null)
    {
        DateTimeOffset now = log.Now;
        lock (_gate)
        {
            // Of a backend the last that was seen is so.
            _pending = _pending.RemoveAll(p => LastWords.IsOfBackend(note.Kind) && LastWords.IsOfBackend(p.Note.Kind) && (p.Note.Pool, p.Note.Backend) == (note.Pool, note.Backend))
                .Add(new Pending(note, now, isNewsHereOnly, first));
            if (_pending.Count > PendingMax)
            {
                _pending = _pending.RemoveAt(0);
            }

            Settle(now);
        }
    }

    public void Look(IEventSink events)
    {
        lock (_gate)
        {
            pauses?.Awake();
            if (!_pending.IsEmpty)
            {
                Settle(log.Now);
            }
        }
    }

    private void Settle(DateTimeOffset now)
    {
        bool hasJustWoken = pauses?.HasJustWoken() == true;
        MembershipChanged members = membership();
        foreach (Pending pending in _pending)
        {
            int rank = RankIn(members.Active, pending.First);
            TimeSpan waited = now - pending.SeenAt;
            bool isMine = !(hasJustWoken && pending.Note.Kind is (EventKind.NodeUnreachable or EventKind.NodeRemoved))
                && (rank == 0 || (rank < 0 ? waited >= AloneAfter : !pending.IsNewsHereOnly && waited >= rank * Turn));
            bool isOver = (rank > 0 && pending.IsNewsHereOnly) || !MemberChanges.Holds(pending.Note, members) || IsSaid(pending);
            if (isMine || isOver)
            {
                _pending = _pending.Remove(pending);
            }

            if (isMine && !isOver)
            {
                log.Note(pending.Note with { Cause = EventCauses.Of(pending.Note, log) });
            }
        }
    }

    /// <returns>Negative: it is in no cluster.</returns>
    private int RankIn(ImmutableArray<string> active, string? first)
    {
        int own = active.IndexOf(log.Node);
        int before = first is null ? -1 : active.IndexOf(first);
        return own == before && own >= 0 ? 0 : own >= 0 && own < before ? own + 1 : own;
    }

    // What this node has said itself is another time that it happened.
    private bool IsSaid(Pending pending) => MemberChanges.IsOfMember(pending.Note.Kind) ? IsSaidOfMember(pending) : log.Last(TimeSpan.FromHours(1), e =>
        e.Id.Node != log.Node && e.At >= pending.SeenAt - SameWithin && Same(e, pending.Note)) is not null;

    // The same as of others, and nobody answers again of whom all say that he is there.
    private bool IsSaidOfMember(Pending pending)
    {
        if (_words.On(MemberChanges.NameIn(pending.Note.Text)) is not { } word || !MemberChanges.IsSame(word.Kind, pending.Note.Kind))
        {
            return false;
        }

        return pending.Note.Kind == EventKind.NodeReachable
            || (word.Id.Node != log.Node && (pending.Note.Kind != EventKind.NodeJoined || word.At >= pending.SeenAt - JoinedWithin));
    }

    private static bool Same(NodeEvent said, EventNote note) =>
        said.Kind == note.Kind && said.Pool == note.Pool && said.Backend == note.Backend && (note.Backend is not null || said.Text == note.Text);

    private sealed record Pending(EventNote Note, DateTimeOffset SeenAt, bool IsNewsHereOnly, string? First);
}
