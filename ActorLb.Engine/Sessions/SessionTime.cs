namespace ActorLb.Engine.Sessions;

/// <summary>One reading of <see cref="SessionClock"/>, in seconds since 1970.</summary>
/// <param name="Now">What is written.</param>
/// <param name="Ending">By which sessions end: behind now while the time was just set forward; 0, so that none ends, while it is not known yet.</param>
internal readonly record struct SessionTime(uint Now, uint Ending);
