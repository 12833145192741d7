namespace ActorLb.Engine.Transport;

/// <summary>
/// 408 on a connection without a request: the server says that it closes an unused connection (RFC 9110, 15.5.9). That is an
/// end, and no answer to anybody.
/// </summary>
internal static class FarewellMessage
{
    /// <summary>That tell it.</summary>
    public const int Bytes = 12;

    /// <param name="first">The first bytes that came unasked, as many as there are.</param>
    public static Unread Meaning(ReadOnlySpan<byte> first) =>
        first.Length == Bytes && first.StartsWith("HTTP/1."u8) && first.EndsWith(" 408"u8) ? Unread.End : Unread.Bytes;
}
