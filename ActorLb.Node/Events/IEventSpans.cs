using System.Diagnostics;

namespace ActorLb.Node.Events;

/// <summary>Makes spans of what is noted. Any thread.</summary>
internal interface IEventSpans
{
    /// <summary>It is about to be noted.</summary>
    /// <param name="cause">What brought it about, or is over with it.</param>
    /// <returns>Null: it has none, or nobody records it.</returns>
    Activity? Begin(EventNote note, NodeEvent? cause);

    /// <summary>It was noted.</summary>
    void End(Activity span, NodeEvent noted);
}
