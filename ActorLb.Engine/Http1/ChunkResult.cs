namespace ActorLb.Engine.Http1;

internal enum ChunkStatus : byte
{
    /// <summary>Nothing can be said yet, and nothing was consumed. Ask again with more bytes.</summary>
    NeedMore,

    /// <summary>A piece of the body.</summary>
    Data,

    /// <summary>The body is over; trailers, if there are any, are in the caller's array.</summary>
    End,
    Rejected,
}

/// <summary>What a chunked body's next bytes are.</summary>
/// <param name="Consumed">Bytes of the input that are done with, the data among them.</param>
/// <param name="Data">The piece of the body, by offsets into the input: at least one byte where the status is Data.</param>
/// <param name="TrailerCount">Where the status is End: trailer fields in the caller's array, by offsets into the same input.</param>
internal readonly record struct ChunkResult(ChunkStatus Status, MessageFault Fault, int Consumed, ByteRange Data, int TrailerCount)
{
    public static readonly ChunkResult NeedMore;

    public static ChunkResult Rejected(MessageFault fault) => new(ChunkStatus.Rejected, fault, 0, default, 0);
}
