using ActorLb.Node.Health;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Events.Sources;

/// <summary>
/// Once the nodes are together again, the oldest ends what those that were frozen or cut off have said of nodes that were there all
/// the time, and of backends. No node saw these change, so that nobody else would.
/// </summary>
/// <param name="membership">As this node sees it now.</param>
/// <param name="board">What the majority says of backends; null: it is not there yet.</param>
internal sealed class PartitionEndSource(EventLog log, Func<MembershipChanged> membership, Func<HealthBoardState?> board) : IEventSource
{
    /// <summary>Longer than what one node has seen takes to be seen, and said, by all.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    /// <summary>A word of a node that is not back is left to it for so long: it may have more to say.</summary>
    public static readonly TimeSpan AuthorAwayMax = TimeSpan.FromSeconds(15);

    private readonly LastWords _ofMembers = LastWords.OnMembers(log);
    private readonly LastWords _ofBackends = LastWords.OnBackends(log);
    private Dictionary<EventId, DateTimeOffset> _falseSince = [];

    public void Look(IEventSink events)
    {
        MembershipChanged now = membership();
        bool isMine = MemberChanges.IsWhole(now) && now.Active.IndexOf(log.Node) == 0;
        (NodeEvent Word, EventNote Truth)[] wrong = isMine ? [.. OfMembers(now), .. OfBackends()] : [];
        _falseSince = wrong.ToDictionary(w => w.Word.Id, w => _falseSince.TryGetValue(w.Word.Id, out DateTimeOffset since) ? since : log.Now);
        foreach ((NodeEvent word, EventNote truth) in wrong)
        {
            if (log.Now - _falseSince[word.Id] >= (now.Active.Contains(word.Id.Node) ? Settled : AuthorAwayMax))
            {
                events.Note(truth with { Cause = word.Id });
            }
        }
    }

    private IEnumerable<(NodeEvent Word, EventNote Truth)> OfMembers(MembershipChanged now)
    {
        foreach (NodeEvent word in _ofMembers.All().Where(w => w.Kind == EventKind.NodeUnreachable))
        {
            string name = MemberChanges.NameIn(word.Text);
            if (!now.Members.Any(m => m.Name == name))
            {
                yield return (word, new EventNote(EventKind.NodeRemoved, $"{name} is no member of the cluster any more") { Data = new { member = name } });
            }
        }

        foreach (NodeMember member in now.Members.Where(m => m is { Status: "up", Reachable: true }))
        {
            if (_ofMembers.On(member.Name) is { Kind: EventKind.NodeRemoved or EventKind.NodeUnreachable } word)
            {
                yield return (word, MemberChanges.Note(EventKind.NodeReachable, member, $"is in the cluster and answers: {word.Id.Node} saw that otherwise for a while", null));
            }
        }
    }

    // That observers disagree begins later than it is so, and is left to who has seen it for so long.
    private static bool IsWrong(EventKind word, HealthBoardState now, BackendName name) =>
        (word == EventKind.BackendDown) != (now.HealthOf(name) == BackendHealth.Down)
        || (word == EventKind.BackendDegraded && !DegradedSource.IsDisagreed(now, name));

    private IEnumerable<(NodeEvent Word, EventNote Truth)> OfBackends()
    {
        HealthBoardState? now = board();
        foreach (BackendName name in now?.Backends.Keys ?? [])
        {
            BackendHealth? health = now!.HealthOf(name);
            if (health is BackendHealth.Up or BackendHealth.Down && _ofBackends.On(name.ToString()) is { } word && IsWrong(word.Kind, now, name))
            {
                (EventKind kind, string what) = health == BackendHealth.Down ? (EventKind.BackendDown, "down") : (EventKind.BackendUp, "up");
                yield return (word, BackendHealthWords.Of(kind, name, $"is {what}, which {word.Id.Node} saw otherwise for a while", BackendHealthWords.VotesOn(now, name)));
            }
        }
    }
}
