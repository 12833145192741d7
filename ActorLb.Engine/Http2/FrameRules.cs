namespace ActorLb.Engine.Http2;

/// <summary>What a frame's header may say whatever its payload is: its length, and whether it is of a stream (RFC 9113, 4.2 and 6).</summary>
internal static class FrameRules
{
    public const int PriorityBytes = 5;
    public const int ResetStreamBytes = 4;
    public const int PingBytes = 8;
    public const int WindowUpdateBytes = 4;
    public const int GoAwayBytesMin = 8;

    private const int PromiseBytesMin = 4;
    private const int PadLengthBytes = 1;

    /// <summary>
    /// <see cref="Http2Error.NoError"/>, or what ends the connection; but a PRIORITY frame of another length ends its stream alone.
    /// </summary>
    /// <param name="lengthMax">What was told the other side to be the longest payload.</param>
    public static Http2Error Check(in FrameHeader header, int lengthMax)
    {
        if (header.Length > lengthMax || !HasItsLength(header))
        {
            return Http2Error.FrameSizeError;
        }

        return IsOfItsStream(header) ? Http2Error.NoError : Http2Error.ProtocolError;
    }

    private static bool HasItsLength(in FrameHeader header) => header.Type switch
    {
        FrameType.Data => header.Length >= PadLengthOf(header),
        FrameType.Headers => header.Length >= PadLengthOf(header) + (header.HasPriority ? PriorityBytes : 0),
        FrameType.Priority => header.Length == PriorityBytes,
        FrameType.ResetStream => header.Length == ResetStreamBytes,
        FrameType.Settings => header.IsAck ? header.Length == 0 : header.Length % Setting.Bytes == 0,
        FrameType.PushPromise => header.Length >= PadLengthOf(header) + PromiseBytesMin,
        FrameType.Ping => header.Length == PingBytes,
        FrameType.GoAway => header.Length >= GoAwayBytesMin,
        FrameType.WindowUpdate => header.Length == WindowUpdateBytes,
        _ => true,
    };

    private static bool IsOfItsStream(in FrameHeader header) => header.Type switch
    {
        FrameType.Settings or FrameType.Ping or FrameType.GoAway => header.StreamId == 0,
        FrameType.WindowUpdate => true,
        <= FrameType.Continuation => header.StreamId != 0,
        _ => true,
    };

    private static int PadLengthOf(in FrameHeader header) => header.IsPadded ? PadLengthBytes : 0;
}
