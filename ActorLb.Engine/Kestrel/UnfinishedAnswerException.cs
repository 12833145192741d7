namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Has the server end an answer that has begun and will not be whole: it sends what was written, and then ends the connection
/// without the last chunk, or resets the stream. Nobody else catches it, and <see cref="ServerLog"/> keeps it out of the log.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1032", Justification = "It says all it has to say by its type.")]
internal sealed class UnfinishedAnswerException() : IOException("the answer is not whole");
