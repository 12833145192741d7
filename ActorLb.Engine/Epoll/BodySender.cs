using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Epoll;

/// <summary>Sends pieces of a body in the framing that the receiver gets, after a head that was not sent yet.</summary>
internal static unsafe class BodySender
{
    // A piece up to here is copied behind its head: one system call with one address is cheaper than with two, and the
    // buffer that it came in is free at once.
    private const int CopiedBytesMax = 4096;

    private static ReadOnlySpan<byte> ChunkEnd => "\r\n"u8;

    private static ReadOnlySpan<byte> ChunkAndBodyEnd => "\r\n0\r\n\r\n"u8;

    /// <summary>Sends a head and what is held of the body behind it, which stays as it is until all is sent.</summary>
    /// <param name="target">Has the head, in the loop's scratch memory.</param>
    public static SendResult Send(Connection to, ref HeadBuffer target, HeldBody held, BodyFraming framing)
    {
        bool isChunked = framing == BodyFraming.Chunked;
        int length = held.Body.Length;
        byte* body = held.Pin();
        ReadOnlySpan<byte> tail = !isChunked ? default
            : !held.End.IsEmpty ? new ReadOnlySpan<byte>(body + length, held.End.Length)
            : held.HasEnded ? (length == 0 ? ChunkWriter.End : ChunkAndBodyEnd)
            : length == 0 ? default : ChunkEnd;
        if (isChunked && length > 0)
        {
            ChunkWriter.WriteSizeLine(ref target, length);
        }

        return target.Fits ? to.Send(target.Written, body, length, tail) : SendResult.Broken;
    }

    /// <param name="target">Has the head, or nothing; in the loop's scratch memory, with room for a chunk's framing.</param>
    /// <param name="framing">Chunked, or any other: then the bytes go as they are.</param>
    /// <param name="trailers">The fields of the piece's trailers.</param>
    /// <param name="announced">The value of Trailer where trailers may be forwarded; else empty.</param>
    public static SendResult Send(
        Connection to, ref HeadBuffer target, in BodyPiece piece, BodyFraming framing, ReadOnlySpan<HeaderField> trailers, ReadOnlySpan<byte> announced)
    {
        bool isChunked = framing == BodyFraming.Chunked;
        if (isChunked && piece.Length > 0)
        {
            ChunkWriter.WriteSizeLine(ref target, piece.Length);
        }

        bool isAlone = piece.Length == 0;
        bool hasTrailers = isChunked && piece.IsLast && piece.TrailerCount > 0 && !announced.IsEmpty;
        ReadOnlySpan<byte> tail = !isChunked || isAlone || hasTrailers ? default
            : piece.IsLast ? ChunkAndBodyEnd : ChunkEnd;
        if (piece.Length > CopiedBytesMax && !hasTrailers)
        {
            return to.Send(target.Written, piece.Start, piece.Length, tail);
        }

        target.Append(new ReadOnlySpan<byte>(piece.Start, piece.Length));
        target.Append(tail);
        if (hasTrailers)
        {
            target.Append(isAlone ? default : ChunkEnd);
            ChunkWriter.WriteEnd(
                ref target, new ReadOnlySpan<byte>(piece.TrailerSource, piece.TrailerBytes), trailers[..piece.TrailerCount], announced);
        }
        else if (isChunked && isAlone && piece.IsLast)
        {
            target.Append(ChunkWriter.End);
        }

        return !target.Fits ? SendResult.Broken : target.Length == 0 ? SendResult.Done : to.Send(target.Written);
    }
}
