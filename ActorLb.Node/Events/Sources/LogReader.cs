using System.Collections.Immutable;

namespace ActorLb.Node.Events.Sources;

/// <summary>Goes along the log of all nodes: each event once, in the order in which they came here. Not for two threads at once.</summary>
internal sealed class LogReader(EventLog log)
{
    private const int ReadAtOnce = 1000;

    private long _place;

    /// <summary>What came since the last time.</summary>
    public IEnumerable<NodeEvent> Read()
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
            foreach (NodeEvent one in events)
            {
                yield return one;
            }
        }
        while (!events.IsEmpty);
    }
}
