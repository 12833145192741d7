namespace ActorLb.Engine.Http1;

/// <summary>
/// Takes the chunked coding off a body (RFC 9112, 7.1), piece by piece; the same bytes in any split give the same
/// body, trailers and faults. A few words of state that live with the exchange; belongs to one message.
/// </summary>
internal struct ChunkedDecoder
{
    // What Go's reader lets pass: a chunk's own framing, and data enough to justify it.
    private const int FairOverheadPerChunk = 16;

    private Phase _phase;
    private int _overhead;
    private long _remaining;

    private enum Phase : byte
    {
        SizeLine,
        Data,
        DataEnd,
        Over,
    }

    /// <summary>Bytes of data that the present chunk still has: what a caller may move past the decoder with <see cref="Skip"/>.</summary>
    public readonly long Remaining => _phase == Phase.Data ? _remaining : 0;

    /// <param name="input">From the first byte that was not consumed yet.</param>
    /// <param name="trailers">Receives the trailer fields; bounds them together with the limit.</param>
    public ChunkResult Next(ReadOnlySpan<byte> input, in MessageLimits limits, Span<HeaderField> trailers)
    {
        int at = 0;
        switch (_phase)
        {
            case Phase.Over:
                return new ChunkResult(ChunkStatus.End, MessageFault.None, 0, default, 0);
            case Phase.Data:
                return input.IsEmpty ? ChunkResult.NeedMore : Take(input, 0, _remaining);
            case Phase.DataEnd:
                if (input.Length > 0 && (input[0] != '\r' || (input.Length > 1 && input[1] != '\n')))
                {
                    return ChunkResult.Rejected(MessageFault.ChunkNotEnded);
                }

                at = 2;
                break;
        }

        if (input.Length <= at)
        {
            return ChunkResult.NeedMore;
        }

        ParseResult line = ChunkLine.Read(input[at..], limits.ChunkLineBytesMax, out long size);
        if (!line.IsComplete)
        {
            return line.Status == ParseStatus.Rejected ? ChunkResult.Rejected(line.Fault) : ChunkResult.NeedMore;
        }

        at += line.Consumed;
        if (size == 0)
        {
            return TakeTrailers(input, at, limits, trailers);
        }

        int overhead = (int)Math.Max(0, _overhead + line.Consumed - FairOverheadPerChunk - (2 * Math.Min(size, int.MaxValue)));
        if (overhead > MessageLimits.ChunkOverheadBytesMax)
        {
            return ChunkResult.Rejected(MessageFault.ChunkOverheadTooLarge);
        }

        // Without a byte of data there is no progress to tell of: the size line is read again with it.
        if (at == input.Length)
        {
            return ChunkResult.NeedMore;
        }

        _overhead = overhead;
        return Take(input, at, size);
    }

    /// <summary>Tells that data was taken without being shown to the decoder, such as by splicing.</summary>
    /// <param name="count">At most <see cref="Remaining"/>.</param>
    public void Skip(long count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Remaining);
        _remaining -= count;
        _phase = _remaining == 0 ? Phase.DataEnd : _phase;
    }

    private ChunkResult Take(ReadOnlySpan<byte> input, int at, long size)
    {
        int length = (int)Math.Min(size, input.Length - at);
        int consumed = at + length;
        _remaining = size - length;
        _phase = Phase.Data;
        if (_remaining == 0)
        {
            // A wrong end is refused at the next call: the data before it comes first in any split.
            bool isEnded = input[consumed..].StartsWith("\r\n"u8);
            consumed += isEnded ? 2 : 0;
            _phase = isEnded ? Phase.SizeLine : Phase.DataEnd;
        }

        return new ChunkResult(ChunkStatus.Data, MessageFault.None, consumed, new ByteRange(at, length), 0);
    }

    private ChunkResult TakeTrailers(ReadOnlySpan<byte> input, int at, in MessageLimits limits, Span<HeaderField> trailers)
    {
        var summary = default(FieldSummary);
        ParseResult result = FieldBlock.Read(input, at, limits, trailers, ref summary);
        if (!result.IsComplete)
        {
            return result.Status == ParseStatus.Rejected ? ChunkResult.Rejected(result.Fault) : ChunkResult.NeedMore;
        }

        // Length and host after the body would be news of how to read what came before (RFC 9110, 6.5.1).
        if (summary.Seen.Overlaps(KnownFieldSet.Framing))
        {
            return ChunkResult.Rejected(MessageFault.TrailerForbidden);
        }

        _phase = Phase.Over;
        return new ChunkResult(ChunkStatus.End, MessageFault.None, result.Consumed, default, summary.Count);
    }
}
