namespace ActorLb.Engine.Http2;

/// <summary>
/// Finds the frames in what a client sends, from the preface on, in pieces of any length. Reads their heads alone; whether they
/// are well-formed is somebody else's question. Does no IO.
/// </summary>
internal unsafe struct FrameScanner
{
    private const int HeldBytesMax = FrameHeader.Bytes + FrameFacts.StartBytes;

    private fixed byte _held[HeldBytesMax];
    private int _heldLength;
    private long _skip;

    public FrameScanner() => _skip = FrameWriter.Preface.Length;

    /// <summary>Takes from the piece up to the next frame of which enough is known; false at the end of the piece.</summary>
    public bool TryNext(ref ReadOnlySpan<byte> piece, out FrameFacts frame)
    {
        frame = default;
        while (true)
        {
            int skipped = (int)Math.Min(_skip, piece.Length);
            piece = piece[skipped..];
            _skip -= skipped;
            if (piece.IsEmpty)
            {
                return false;
            }

            fixed (byte* held = _held)
            {
                var bytes = new Span<byte>(held, HeldBytesMax);
                int wanted = _heldLength < FrameHeader.Bytes ? FrameHeader.Bytes : WantedOf(bytes);
                int taken = Math.Min(wanted - _heldLength, piece.Length);
                piece[..taken].CopyTo(bytes[_heldLength..]);
                piece = piece[taken..];
                _heldLength += taken;
                if (_heldLength < FrameHeader.Bytes || _heldLength < WantedOf(bytes))
                {
                    continue;
                }

                frame = FrameFacts.Of(bytes[.._heldLength]);
                _skip = frame.Length - (_heldLength - FrameHeader.Bytes);
                _heldLength = 0;
                return true;
            }
        }
    }

    private static int WantedOf(ReadOnlySpan<byte> head) =>
        FrameHeader.Bytes + Math.Min(FrameFacts.StartBytes, FrameHeader.LengthOf(head));
}
