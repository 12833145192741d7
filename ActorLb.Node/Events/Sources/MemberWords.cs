using System.Collections.Immutable;

namespace ActorLb.Node.Events.Sources;

/// <summary>
/// The last word of the log of all nodes on each node: by the order of the events' ids, not by when they came here. Not for two threads at once.
/// </summary>
internal sealed class MemberWords(EventLog log)
{
    private const int ReadAtOnce = 1000;

    /// <summary>Nodes of which something is said; names may come and go with each start.</summary>
    private const int WordsMax = 1024;

    private readonly Dictionary<string, MemberWord> _words = new(StringComparer.Ordinal);
    private long _place;

    /// <returns>Null: nothing is said of it.</returns>
    public MemberWord? On(string name)
    {
        Read();
        return _words.GetValueOrDefault(name);
    }

    private void Read()
    {
        ImmutableArray<NodeEvent> events;
        do
        {
            if (log.Read(_place, ReadAtOnce, out long next) is { } read)
            {
                events = read;
            }
            else
            {
                (events, next, _) = log.All();
            }

            _place = next;
            foreach (NodeEvent one in events.Where(e => MemberChanges.IsOfMember(e.Kind)))
            {
                Take(MemberChanges.NameIn(one.Text), one);
            }
        }
        while (!events.IsEmpty);
    }

    private void Take(string name, NodeEvent one)
    {
        if (_words.TryGetValue(name, out MemberWord? known) && known.Event.Id.CompareTo(one.Id) >= 0)
        {
            return;
        }

        _words[name] = new MemberWord(one, log.Now);
        if (_words.Count > WordsMax)
        {
            _words.Remove(_words.MinBy(w => w.Value.Event.Id).Key);
        }
    }
}

/// <param name="HeardAt">When it came to this node.</param>
internal sealed record MemberWord(NodeEvent Event, DateTimeOffset HeardAt)
{
    /// <summary>It says the same of the node's being there as a note of this kind.</summary>
    public bool Says(EventKind kind) => Standing(Event.Kind) == Standing(kind);

    // Who has joined is there, and so is who answers again.
    private static EventKind Standing(EventKind kind) => kind == EventKind.NodeReachable ? EventKind.NodeJoined : kind;
}
