namespace ActorLb.Engine.Http1;

/// <summary>How the end of a message's body is found (RFC 9112, 6.3).</summary>
internal enum BodyFraming : byte
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>By Content-Length, which may be 0.</summary>
    Length,
    Chunked,

    /// <summary>By the end of the connection: responses only.</summary>
    UntilClose,

    /// <summary>The connection changes its protocol (101): what follows is no HTTP.</summary>
    Tunnel,
}
