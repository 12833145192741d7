using System.Collections.Immutable;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>
/// What all nodes see is said by one of them: the oldest that is up and reachable. The others wait for its event, and where it does
/// not come, because that node has just died for instance, the next one says it. A node that is in no cluster yet waits for a while, and
/// then speaks for itself. Any thread.
/// </summary>
/// <param name="membership">As this node sees it now.</param>
internal sealed class SharedFacts(EventLog log, Func<MembershipChanged> membership) : IEventSource
{
    /// <summary>After which the next node speaks, and again so much later the one after that. An event is at the others within milliseconds.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    /// <summary>How long a node that starts waits for the cluster before it speaks alone: longer than joining takes.</summary>
    public static readonly TimeSpan AloneAfter = TimeSpan.FromSeconds(15);

    /// <summary>The same fact, said by somebody so long before or after it was seen here, is the same event.</summary>
    private static readonly TimeSpan SameWithin = TimeSpan.FromSeconds(10);

    private const int PendingMax = 1024;

    private readonly Lock _gate = new();
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
    public void Offer(EventNote note, bool isNewsHereOnly = false)
    {
        DateTimeOffset now = log.Now;
        lock (_gate)
        {
            _pending = _pending.Add(new Pending(note, now, isNewsHereOnly));
            if (_pending.Count > PendingMax)
            {
                _pending = _pending.RemoveAt(0);
            }

            Settle(now);
        }
    }

    /// <summary>The last that is said of the member that a note is about is this node's own word that it was taken out: its side of a partition went on without him.</summary>
    public bool SaidThatHeIsGone(EventNote note) => log.Last(TimeSpan.FromDays(1), e =>
        e.Kind is EventKind.NodeJoined or EventKind.NodeRemoved && e.Text.Split(' ')[0] == note.Text.Split(' ')[0]) is { Kind: EventKind.NodeRemoved } last && last.Id.Node == log.Node;

    public void Look(IEventSink events)
    {
        lock (_gate)
        {
            if (!_pending.IsEmpty)
            {
                Settle(log.Now);
            }
        }
    }

    private void Settle(DateTimeOffset now)
    {
        int rank = membership().Active.IndexOf(log.Node);
        foreach (Pending pending in _pending)
        {
            TimeSpan waited = now - pending.SeenAt;
            bool isMine = rank == 0 || (rank < 0 ? waited >= AloneAfter : !pending.IsNewsHereOnly && waited >= rank * Turn);
            bool isOver = (rank > 0 && pending.IsNewsHereOnly) || IsSaid(pending);
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

    // What this node has said itself is another time that it happened.
    private bool IsSaid(Pending pending) => log.Last(TimeSpan.FromHours(1), e =>
        e.Id.Node != log.Node && e.At >= pending.SeenAt - SameWithin && Same(e, pending.Note)) is not null;

    private static bool Same(NodeEvent said, EventNote note) =>
        said.Kind == note.Kind && said.Pool == note.Pool && said.Backend == note.Backend && (note.Backend is not null || said.Text == note.Text);

    private sealed record Pending(EventNote Note, DateTimeOffset SeenAt, bool IsNewsHereOnly);
}
