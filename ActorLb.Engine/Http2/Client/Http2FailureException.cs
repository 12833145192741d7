namespace ActorLb.Engine.Http2.Client;

/// <summary>A backend that is spoken to in HTTP/2 did not do as that protocol says, or ended what it was asked for.</summary>
public class Http2FailureException(string message, Exception? cause = null) : IOException(message, cause);
