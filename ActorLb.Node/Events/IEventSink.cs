namespace ActorLb.Node.Events;

/// <summary>Takes what has happened at this node. Any thread; never waits and never fails.</summary>
internal interface IEventSink
{
    /// <summary>This node's name.</summary>
    string Node { get; }

    NodeEvent Note(EventNote note);

    /// <summary>The last event for which this holds, of all nodes and within <paramref name="within"/>; null: there is none.</summary>
    NodeEvent? Last(TimeSpan within, Func<NodeEvent, bool> isIt);
}
