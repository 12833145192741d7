using ActorLb.Engine.Http1;
using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Epoll;

/// <summary>A piece of a body, without its framing.</summary>
internal unsafe struct BodyPiece
{
    /// <summary>Where it lies in the connection's buffer.</summary>
    public byte* Start;
    public int Length;

    /// <summary>Nothing of the body follows.</summary>
    public bool IsLast;

    /// <summary>Trailer fields, by offsets into <see cref="TrailerSource"/>.</summary>
    public int TrailerCount;
    public byte* TrailerSource;
    public int TrailerBytes;

    public MessageFault Fault;

    public readonly bool IsNothing => Length == 0 && !IsLast && Fault == MessageFault.None;
}

/// <summary>Takes one message's body out of what was received, by its framing. In place: pieces of a chunked body are moved together.</summary>
internal unsafe struct BodyReader
{
    private ChunkedDecoder _chunks;
    private long _remaining;
    private BodyFraming _framing;

    public BodyReader(BodyFraming framing, long length)
    {
        _framing = framing;
        _remaining = length;
    }

    public readonly BodyFraming Framing => _framing;

    /// <summary>The body ends with the connection.</summary>
    public readonly bool EndsByClose => _framing is BodyFraming.UntilClose or BodyFraming.Tunnel;

    /// <summary>Bytes that are known to follow.</summary>
    public readonly long Remaining => _framing == BodyFraming.Chunked ? _chunks.Remaining : _remaining;

    /// <summary>What is there of the body; nothing where more must be received.</summary>
    public BodyPiece Next(ref LoopBuffer source, in MessageLimits limits, Span<HeaderField> trailers)
    {
        var piece = new BodyPiece { Start = source.First };
        switch (_framing)
        {
            case BodyFraming.None:
                piece.IsLast = true;
                break;
            case BodyFraming.Length:
                piece.Length = (int)Math.Min(_remaining, source.Length);
                _remaining -= piece.Length;
                piece.IsLast = _remaining == 0;
                source.Start += piece.Length;
                break;
            case BodyFraming.Chunked:
                ReadChunks(ref source, limits, trailers, ref piece);
                break;
            default:
                piece.Length = source.Length;
                source.Start = source.End;
                break;
        }

        return piece;
    }

    private void ReadChunks(ref LoopBuffer source, in MessageLimits limits, Span<HeaderField> trailers, ref BodyPiece piece)
    {
        while (true)
        {
            ChunkResult result = _chunks.Next(source.Unread, limits, trailers);
            switch (result.Status)
            {
                case ChunkStatus.NeedMore:
                    return;
                case ChunkStatus.Rejected:
                    piece.Fault = result.Fault;
                    return;
                case ChunkStatus.End:
                    piece.IsLast = true;
                    piece.TrailerCount = result.TrailerCount;
                    piece.TrailerSource = source.First;
                    piece.TrailerBytes = result.Consumed;
                    source.Start += result.Consumed;
                    return;
                default:
                    byte* data = source.First + result.Data.Start;
                    if (piece.Length == 0)
                    {
                        piece.Start = data;
                    }
                    else
                    {
                        Buffer.MemoryCopy(data, piece.Start + piece.Length, result.Data.Length, result.Data.Length);
                    }

                    piece.Length += result.Data.Length;
                    source.Start += result.Consumed;
                    break;
            }
        }
    }
}
