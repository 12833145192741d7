namespace ActorLb.Engine.Http1;

internal enum ParseStatus : byte
{
    /// <summary>The bytes so far are a proper beginning; nothing was consumed. Ask again with more of them.</summary>
    NeedMore,
    Complete,
    Rejected,
}

/// <summary>What a parser says of the bytes it was given. The same bytes in any split come to the same end.</summary>
internal readonly record struct ParseResult
{
    public static readonly ParseResult NeedMore;

    private ParseResult(ParseStatus status, MessageFault fault, int consumed)
    {
        Status = status;
        Fault = fault;
        Consumed = consumed;
    }

    public ParseStatus Status { get; }

    /// <summary>Why it was rejected; else None.</summary>
    public MessageFault Fault { get; }

    /// <summary>Bytes that belong to what is complete, from the start of the input; else 0.</summary>
    public int Consumed { get; }

    public bool IsComplete => Status == ParseStatus.Complete;

    public static ParseResult Complete(int consumed) => new(ParseStatus.Complete, MessageFault.None, consumed);

    public static ParseResult Rejected(MessageFault fault) => new(ParseStatus.Rejected, fault, 0);
}
