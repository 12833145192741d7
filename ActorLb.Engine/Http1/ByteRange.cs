namespace ActorLb.Engine.Http1;

/// <summary>A part of a buffer, by offsets: it stays true when the buffer's memory is not managed.</summary>
internal readonly record struct ByteRange(int Start, int Length)
{
    public int End => Start + Length;

    public bool IsEmpty => Length == 0;

    /// <param name="bytes">The input of the parser that made this range.</param>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);
}
