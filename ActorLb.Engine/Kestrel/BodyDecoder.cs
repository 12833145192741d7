using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>Takes one answer's body out of what was received, by its framing. Does no IO; belongs to one message.</summary>
internal struct BodyDecoder(BodyFraming framing, long length)
{
    private ChunkedDecoder _chunks;
    private long _remaining = length;

    /// <summary>The body ends with the connection.</summary>
    public readonly bool EndsByClose => framing == BodyFraming.UntilClose;

    /// <summary>Data, the end, a fault, or that more must be received.</summary>
    /// <param name="input">From the first byte that was not consumed yet.</param>
    /// <param name="trailers">Receives the trailer fields of a chunked body.</param>
    public ChunkResult Next(ReadOnlySpan<byte> input, in MessageLimits limits, Span<HeaderField> trailers)
    {
        switch (framing)
        {
            case BodyFraming.Chunked:
                return _chunks.Next(input, limits, trailers);
            case BodyFraming.UntilClose:
                return input.IsEmpty ? ChunkResult.NeedMore : Data(input.Length);
            default:
                if (_remaining == 0)
                {
                    return new ChunkResult(ChunkStatus.End, MessageFault.None, 0, default, 0);
                }

                int here = (int)Math.Min(_remaining, input.Length);
                _remaining -= here;
                return here == 0 ? ChunkResult.NeedMore : Data(here);
        }
    }

    private static ChunkResult Data(int count) => new(ChunkStatus.Data, MessageFault.None, count, new ByteRange(0, count), 0);
}
