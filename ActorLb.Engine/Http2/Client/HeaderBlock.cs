using System.Buffers;

namespace ActorLb.Engine.Http2.Client;

/// <summary>A header block that comes in several frames, put together (RFC 9113, 4.3 and 6.10).</summary>
internal struct HeaderBlock
{
    private ArrayBufferWriter<byte>? _parts;

    /// <summary>Whose it is; 0: none is under way.</summary>
    public int StreamId { get; private set; }

    public bool EndsStream { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _parts!.WrittenSpan;

    public void Begin(int streamId, bool endsStream)
    {
        StreamId = streamId;
        EndsStream = endsStream;
        (_parts ??= new ArrayBufferWriter<byte>()).ResetWrittenCount();
    }

    /// <summary>False where it becomes longer than this.</summary>
    public readonly bool TryAdd(ReadOnlySpan<byte> part, int bytesMax)
    {
        if (_parts!.WrittenCount + part.Length > bytesMax)
        {
            return false;
        }

        _parts.Write(part);
        return true;
    }

    public void End()
    {
        StreamId = 0;
        _parts = null;
    }
}
