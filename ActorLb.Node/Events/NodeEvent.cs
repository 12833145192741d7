namespace ActorLb.Node.Events;

/// <summary>Something that happened at a node, or that a node says of the cluster. Immutable; made by EventJson alone.</summary>
/// <param name="At">By the time that the nodes agree on.</param>
/// <param name="Text">One sentence.</param>
/// <param name="Data">A small object of JSON, on one line.</param>
/// <param name="Who">The operator who asked for it, in words for people; null: none did, or that is not known.</param>
/// <param name="TraceParent">The span of it, as W3C Trace Context writes it; null: nobody recorded one.</param>
/// <param name="Json">All of it as JSON in UTF-8, on one line.</param>
internal sealed record NodeEvent(
    EventId Id,
    DateTimeOffset At,
    EventKind Kind,
    EventSeverity Severity,
    string? Pool,
    string? Backend,
    string Text,
    string Data,
    EventId? Cause,
    string? Who,
    string? TraceParent,
    ReadOnlyMemory<byte> Json)
{
    /// <summary>The sentence, and who asked for it.</summary>
    public string Sentence => Who is null ? Text : $"{Text} (asked for by {Who})";

    public bool IsOf(string pool, string backend) => Pool == pool && Backend == backend;
}
