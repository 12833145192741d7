namespace ActorLb.Engine.Http1;

internal enum MessageVersion : byte
{
    Http10,
    Http11,

    /// <summary>Of the client alone: its head is read as one of HTTP/1.1, and what backends get is HTTP/1.1.</summary>
    Http2,

    /// <summary>The same.</summary>
    Http3,
}
