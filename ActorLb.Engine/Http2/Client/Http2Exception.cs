namespace ActorLb.Engine.Http2.Client;

/// <summary>A stream, or a whole connection, came to an end that is none of a message: what a peer did, or said (RFC 9113, 7).</summary>
internal sealed class Http2Exception(Http2Error error, string message, Exception? cause = null) : Http2FailureException($"HTTP/2: {message} ({error})", cause)
{
    public Http2Error Error => error;

    /// <summary>The peer has said that it did nothing with the request (RFC 9113, 8.7): any may be sent again.</summary>
    public bool IsRefusal { get; init; }
}
