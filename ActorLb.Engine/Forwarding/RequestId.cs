using System.Runtime.CompilerServices;

namespace ActorLb.Engine.Forwarding;

/// <summary>The id of one request, the client's own where it is sane, without memory of its own.</summary>
internal struct RequestId
{
    private Bytes _bytes;
    private byte _length;

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public readonly ReadOnlySpan<byte> Value => ((ReadOnlySpan<byte>)_bytes)[.._length];

    /// <param name="own">The client's own, or empty.</param>
    public void Choose(ReadOnlySpan<byte> own)
    {
        if (RequestIds.IsSane(own))
        {
            own.CopyTo(_bytes);
            _length = (byte)own.Length;
        }
        else
        {
            RequestIds.WriteNext(_bytes);
            _length = RequestIds.OwnBytes;
        }
    }

    [InlineArray(RequestIds.BytesMax)]
    private struct Bytes
    {
        private byte _first;
    }
}
