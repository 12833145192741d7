using System.Buffers;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2.Hpack;

namespace ActorLb.Engine.Http2.Client;

/// <summary>What a peer's frames mean to a connection: each is as it must be (RFC 9113, 6), or the connection ends.</summary>
internal sealed class FrameReceiver(Http2Connection connection, MessageLimits limits) : IDisposable
{
    // Coded, fields are hardly longer than as text; what is, nobody needs to send.
    private readonly int _blockBytesMax = limits.FieldBytesMax + (limits.FieldBytesMax / 2) + 1024;
    private readonly HpackDecoder _decoder = new(HpackDecoder.UsualTableBytes);
    private HeaderBlock _block;

    /// <exception cref="Http2Exception">The peer has not kept to the rules of the connection.</exception>
    public void Take(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (_block.StreamId != 0 && (header.Type != FrameType.Continuation || header.StreamId != _block.StreamId))
        {
            throw Wrong(Http2Error.ProtocolError, "a frame stands between the parts of a header block");
        }

        if (FrameRules.Check(header, Http2Connection.PayloadBytesMax) is not Http2Error.NoError and var error)
        {
            throw Wrong(error, "a frame is not as it must be");
        }

        switch (header.Type)
        {
            case FrameType.Data:
                connection.TakeData(header.StreamId, Unpadded(header, payload), payload.Length, header.EndsStream);
                break;
            case FrameType.Headers when header.EndsHeaders:
                Decode(header.StreamId, Unpadded(header, payload), header.EndsStream);
                break;
            case FrameType.Headers:
                _block.Begin(header.StreamId, header.EndsStream);
                Add(header, Unpadded(header, payload));
                break;
            case FrameType.Continuation when _block.StreamId != 0:
                Add(header, payload);
                break;
            case FrameType.ResetStream:
                connection.TakeReset(header.StreamId, FramePayload.ErrorOf(payload));
                break;
            case FrameType.Settings when !header.IsAck:
                connection.TakeSettings(payload);
                break;
            case FrameType.Ping:
                connection.TakePing(payload, header.IsAck);
                break;
            case FrameType.GoAway:
                Http2Error why = FramePayload.ReadGoAway(payload, out int lastStreamId);
                connection.TakeGoAway(lastStreamId, why);
                break;
            case FrameType.WindowUpdate:
                connection.TakeWindowUpdate(header.StreamId, FramePayload.IncrementOf(payload));
                break;
            case FrameType.Continuation:
                throw Wrong(Http2Error.ProtocolError, "a part of a header block comes without its beginning");
            case FrameType.PushPromise:
                throw Wrong(Http2Error.ProtocolError, "the backend pushes, and was told not to");
        }
    }

    public void Dispose() => _block.End();

    private void Add(in FrameHeader header, ReadOnlySpan<byte> part)
    {
        // Whatever it is of: the other blocks could not be read without it.
        if (part.IsEmpty || !_block.TryAdd(part, _blockBytesMax))
        {
            throw Wrong(Http2Error.EnhanceYourCalm, "a header block is longer than it may be, or comes in too many parts");
        }

        if (header.EndsHeaders)
        {
            Decode(_block.StreamId, _block.Written, _block.EndsStream);
            _block.End();
        }
    }

    private void Decode(int id, ReadOnlySpan<byte> block, bool ends)
    {
        byte[] text = ArrayPool<byte>.Shared.Rent(limits.FieldBytesMax);
        HpackField[] fields = ArrayPool<HpackField>.Shared.Rent(limits.FieldCountMax);
        try
        {
            HpackStatus status = _decoder.Decode(block, text, fields, out int count, out int length);
            if (status == HpackStatus.Broken)
            {
                throw Wrong(Http2Error.CompressionError, "a header block cannot be read");
            }

            connection.TakeFields(id, text.AsSpan(0, length), fields.AsSpan(0, count), status == HpackStatus.Done, ends);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
            ArrayPool<HpackField>.Shared.Return(fields);
        }
    }

    private static ReadOnlySpan<byte> Unpadded(in FrameHeader header, ReadOnlySpan<byte> payload) =>
        FramePayload.TryStripPadding(header, payload, out int start, out int length)
            ? payload.Slice(start, length)
            : throw Wrong(Http2Error.ProtocolError, "a frame's padding is longer than the frame");

    private static Http2Exception Wrong(Http2Error error, string why) => new(error, why);
}
