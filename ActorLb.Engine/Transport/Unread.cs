namespace ActorLb.Engine.Transport;

/// <summary>What has come over a socket and was not received yet.</summary>
internal enum Unread : byte
{
    Nothing,
    Bytes,

    /// <summary>The peer's end of it, or a reset.</summary>
    End,
}
