namespace ActorLb.Engine.Http2;

/// <summary>Flags of frames (RFC 9113, 6); what one means depends on the frame's type.</summary>
internal static class FrameFlags
{
    /// <summary>Of DATA and HEADERS.</summary>
    public const byte EndStream = 1;

    /// <summary>Of SETTINGS and PING.</summary>
    public const byte Ack = 1;

    /// <summary>Of HEADERS, PUSH_PROMISE and CONTINUATION.</summary>
    public const byte EndHeaders = 4;

    /// <summary>Of DATA, HEADERS and PUSH_PROMISE.</summary>
    public const byte Padded = 8;

    /// <summary>Of HEADERS.</summary>
    public const byte Priority = 0x20;
}
