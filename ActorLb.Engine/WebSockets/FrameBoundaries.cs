namespace ActorLb.Engine.WebSockets;

/// <summary>
/// Where the frames of one direction of a WebSocket begin and end, by their headers alone (RFC 6455, 5.2): payloads are
/// counted and not looked at, so that masks and extensions do not matter. Does no IO. A stream that breaks the rules has
/// no frames, and nothing can be said of it.
/// </summary>
internal struct FrameBoundaries
{
    private const byte Close = 8;
    private const int MaskBytes = 4;
    private const ulong LengthIn16Bits = 126;
    private const ulong LengthIn64Bits = 127;

    // Of the frame under way: its header's bytes so far, how many more tell the length, and what is left behind them.
    private int _headerBytes;
    private int _lengthBytesLeft;
    private ulong _length;
    private ulong _left;
    private byte _opcode;
    private bool _isMasked;

    /// <summary>Every frame that began has ended: another one may begin here. Control frames may stand between the fragments of a message.</summary>
    public readonly bool IsBetweenFrames => _headerBytes == 0;

    /// <summary>A close frame went by whole: nothing may follow it (5.5.1).</summary>
    public bool HasClosed { get; private set; }

    /// <summary>Reads on.</summary>
    /// <param name="stopsBetweenFrames">Goes no further than to the end of the frame under way, or to the first one where none is.</param>
    /// <returns>How many of the bytes were read.</returns>
    public int Read(ReadOnlySpan<byte> bytes, bool stopsBetweenFrames = false)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            if (_left > 0)
            {
                int taken = (int)Math.Min(_left, (ulong)(bytes.Length - at));
                _left -= (ulong)taken;
                at += taken;
            }
            else
            {
                ReadHeader(bytes[at++]);
            }

            if (_left == 0 && _headerBytes >= 2 && _lengthBytesLeft == 0)
            {
                HasClosed |= _opcode == Close;
                _headerBytes = 0;
                if (stopsBetweenFrames)
                {
                    break;
                }
            }
        }

        return at;
    }

    private void ReadHeader(byte value)
    {
        switch (_headerBytes++)
        {
            case 0:
                _opcode = (byte)(value & 0x0F);
                return;
            case 1:
                _isMasked = (value & 0x80) != 0;
                _length = (ulong)(value & 0x7F);
                _lengthBytesLeft = _length switch { LengthIn16Bits => 2, LengthIn64Bits => 8, _ => 0 };
                _length = _lengthBytesLeft > 0 ? 0 : _length;
                break;
            default:
                _length = (_length << 8) | value;
                _lengthBytesLeft--;
                break;
        }

        if (_lengthBytesLeft == 0)
        {
            // The highest bit of a length is 0; one that is not belongs to a stream without frames.
            _left = (_length & long.MaxValue) + (_isMasked ? MaskBytes : 0UL);
        }
    }
}
