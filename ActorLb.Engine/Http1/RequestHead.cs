namespace ActorLb.Engine.Http1;

[Flags]
internal enum RequestTraits : byte
{
    None = 0,

    /// <summary>The client's connection may carry another request (RFC 9112, 9.3).</summary>
    KeepAlive = 1,

    /// <summary>The client waits for 100 before it sends its body (RFC 9110, 10.1.1).</summary>
    ExpectsContinue = 2,

    /// <summary>Upgrade is there and Connection names it, in HTTP/1.1 (RFC 9110, 7.8).</summary>
    AsksUpgrade = 4,

    /// <summary>TE says that the client keeps trailers (RFC 9110, 6.5.1).</summary>
    AcceptsTrailers = 8,
}

/// <summary>What a request's head says, by offsets into the bytes that it was read from. Filled by <see cref="RequestParser"/> only.</summary>
internal struct RequestHead
{
    public RequestMethod Method;
    public MessageVersion Version;
    public RequestTraits Traits;
    public BodyFraming Framing;
    public ByteRange MethodName;
    public RequestTarget Target;

    /// <summary>Whom the request is for: an absolute target's authority, else Host; empty if neither says.</summary>
    public ByteRange Authority;

    /// <summary>Bytes of the body where <see cref="Framing"/> is Length; else 0.</summary>
    public long ContentLength;

    public FieldSummary Fields;

    public readonly bool Has(RequestTraits trait) => (Traits & trait) != 0;
}
