using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>
/// Ends what a node has begun to say and cannot end any more: its own of an earlier start a node ends itself, as it knows of nothing that would go on, and that of
/// a node that is gone the oldest does. Neither does before it has heard the others' logs: they may hold the end already.
/// </summary>
internal sealed class UnendedSource : IEventSource
{
    private readonly EventLog _log;
    private readonly Func<MembershipChanged> _membership;
    private readonly Func<string, bool> _isPerhapsElsewhere;
    private readonly Func<string, bool> _agrees;
    private readonly Func<NodeEvent, bool> _goesOn;
    private readonly LastWords _words;
    private Dictionary<EventId, DateTimeOffset> _overSince = [];

    private DateTimeOffset? _wholeSince;
    private DateTimeOffset? _begunAt;

    // Of this start; what this node said before is of an earlier one.
    private long _first = long.MaxValue;

    /// <param name="membership">As this node sees it now.</param>
    /// <param name="isPerhapsElsewhere">A node was lost, and it may be this side that is cut off: nobody here knows how that one is.</param>
    /// <param name="agrees">A node is heard, and goes by the configuration that it should.</param>
    /// <param name="goesOn">This node sees itself what an event says has begun.</param>
    public UnendedSource(EventLog log, Func<MembershipChanged> membership, Func<string, bool> isPerhapsElsewhere, Func<string, bool> agrees, Func<NodeEvent, bool> goesOn)
    {
        _log = log;
        _membership = membership;
        _isPerhapsElsewhere = isPerhapsElsewhere;
        _agrees = agrees;
        _goesOn = goesOn;
        _words = LastWords.OnPairs(log);
        log.Noted += noted => Interlocked.CompareExchange(ref _first, noted.Id.Position, long.MaxValue);
    }

    public void Look(IEventSink events)
    {
        NodeEvent[] begun = [.. _words.All().Where(EventPairs.Begins)];
        MembershipChanged now = _membership();
        foreach (NodeEvent earlier in HasHeard(now) ? begun.Where(IsOfEarlierStart) : [])
        {
            events.Note(EventPairs.Over(earlier, $"{_log.Node} has started anew, and does not see any more what it said"));
        }

        bool isMine = MemberChanges.IsWhole(now) && now.Active.IndexOf(_log.Node) == 0;
        NodeEvent[] over = isMine ? [.. begun.Where(e => !IsOfEarlierStart(e) && IsOver(e, now))] : [];
        _overSince = over.ToDictionary(e => e.Id, e => _overSince.TryGetValue(e.Id, out DateTimeOffset since) ? since : _log.Now);
        foreach (NodeEvent unended in over.Where(e => _log.Now - _overSince[e.Id] >= PartitionEndSource.AuthorAwayMax))
        {
            string author = unended.Id.Node;
            events.Note(EventPairs.Over(unended, unended.Kind == EventKind.TopologyDrift ? IsThere(MemberChanges.NameIn(unended.Text), now) ? "it goes by the same as the others" : "it is no member of the cluster any more"
                : $"{author} is gone, and what it said is over"));
        }
    }

    // The others' logs, where there are others: one that stays alone goes by its own in the end. An end that came meanwhile has taken its beginning from the words.
    private bool HasHeard(MembershipChanged now)
    {
        _begunAt ??= _log.Now;
        _wholeSince = MemberChanges.IsWhole(now) && now.Active.Length > 1 ? _wholeSince ?? _log.Now : null;
        bool isAlone = now.Members.All(m => m.Name == _log.Node || !MemberChanges.IsIn(m));
        return _log.Now - (isAlone ? _begunAt : _wholeSince) >= PartitionEndSource.AuthorAwayMax;
    }

    // Of another node's configuration the oldest speaks, and not that node.
    private bool IsOfEarlierStart(NodeEvent one) =>
        one.Id.Node == _log.Node && one.Id.Position < Interlocked.Read(ref _first) && one.Kind != EventKind.TopologyDrift;

    private bool IsOver(NodeEvent begun, MembershipChanged now) =>
        begun.Kind == EventKind.TopologyDrift ? _agrees(MemberChanges.NameIn(begun.Text)) || IsGone(MemberChanges.NameIn(begun.Text), now) : IsGone(begun.Id.Node, now) && !_goesOn(begun);

    private bool IsGone(string node, MembershipChanged now) => !IsThere(node, now) && !_isPerhapsElsewhere(node);

    private static bool IsThere(string node, MembershipChanged now) => now.Members.Any(m => m.Name == node && MemberChanges.IsIn(m));
}
