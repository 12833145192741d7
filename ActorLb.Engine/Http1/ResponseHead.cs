namespace ActorLb.Engine.Http1;

/// <summary>What a response's head says, by offsets into the bytes that it was read from. Filled by <see cref="ResponseParser"/> only.</summary>
internal struct ResponseHead
{
    /// <summary>100 to 999.</summary>
    public int Status;
    public MessageVersion Version;
    public BodyFraming Framing;

    /// <summary>The backend's connection may carry another request once this answer was read.</summary>
    public bool KeepAlive;

    /// <summary>Without the space before it; may be empty.</summary>
    public ByteRange Reason;

    /// <summary>Bytes of the body where <see cref="Framing"/> is Length; else what Content-Length says of a body that does not follow.</summary>
    public long ContentLength;

    public FieldSummary Fields;

    /// <summary>Another head follows (1xx but 101).</summary>
    public readonly bool IsInterim => Status is >= 100 and < 200 and not 101;
}
