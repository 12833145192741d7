namespace ActorLb.Engine.Http1;

/// <summary>Reads Content-Length: digits and nothing else (RFC 9110, 8.6), up to 63 bits.</summary>
internal static class ContentLength
{
    // 2^63 - 1 has as many. Longer ones with zeros in front are refused too: someone counts on an overflow.
    private const int DigitsMax = 19;

    /// <param name="length">The number; 0 where there is a fault.</param>
    public static MessageFault Read(ReadOnlySpan<byte> value, out long length)
    {
        length = 0;
        if (value.IsEmpty)
        {
            return MessageFault.ContentLengthEmpty;
        }

        if (value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return MessageFault.ContentLengthInvalid;
        }

        if (value.Length > DigitsMax)
        {
            return MessageFault.ContentLengthTooLarge;
        }

        ulong number = 0;
        foreach (byte digit in value)
        {
            number = (number * 10) + (uint)(digit - '0');
        }

        if (number > long.MaxValue)
        {
            return MessageFault.ContentLengthTooLarge;
        }

        length = (long)number;
        return MessageFault.None;
    }
}
