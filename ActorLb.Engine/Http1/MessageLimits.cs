using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Http1;

/// <summary>How large the parts of a message may be. All bytes count with the CRLF that ends them.</summary>
/// <param name="LineBytesMax">Of a request line or status line.</param>
/// <param name="FieldBytesMax">Of all field lines together, with the empty line; likewise of trailers.</param>
/// <param name="FieldCountMax">Field lines, likewise of trailers; at most 65,535.</param>
/// <param name="ChunkLineBytesMax">Of a chunk's size and extensions.</param>
internal readonly record struct MessageLimits(int LineBytesMax, int FieldBytesMax, int FieldCountMax, int ChunkLineBytesMax)
{
    /// <summary>Sixteen digits and an extension or two. Nobody sends them but to try what a parser does.</summary>
    public const int UsualChunkLineBytesMax = 256;

    /// <summary>Fields that Connection may name beside close, keep-alive and upgrade: each is looked for among all fields.</summary>
    public const int NominationsMax = 32;

    /// <summary>
    /// Bytes of framing that a chunked body may have beyond what its data justifies (16 bytes of framing for each
    /// chunk, and as much again as its data twice): one byte of data per long line is an attack on our time.
    /// </summary>
    public const int ChunkOverheadBytesMax = 16 * 1024;

    /// <summary>The greater of each.</summary>
    public MessageLimits Or(in MessageLimits other) => new(
        Math.Max(LineBytesMax, other.LineBytesMax),
        Math.Max(FieldBytesMax, other.FieldBytesMax),
        Math.Max(FieldCountMax, other.FieldCountMax),
        Math.Max(ChunkLineBytesMax, other.ChunkLineBytesMax));

    public static MessageLimits From(LimitSettings settings) =>
        new(settings.RequestLineBytesMax, settings.HeaderBytesMax, settings.HeaderCountMax, UsualChunkLineBytesMax);
}
