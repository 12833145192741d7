namespace ActorLb.Engine.Http1;

/// <summary>
/// Names what is wrong where a field line did not go on as it should. Looks no further than the fault, so that the
/// name does not depend on how much has arrived: more bytes are asked for where it takes another one to tell.
/// </summary>
internal static class FieldFault
{
    /// <summary>There is no fault in what has arrived, but the block is not over.</summary>
    public static ParseResult Incomplete(int length, int start, in MessageLimits limits) =>
        length - start >= limits.FieldBytesMax ? ParseResult.Rejected(MessageFault.FieldsTooLarge) : ParseResult.NeedMore;

    /// <param name="bytes">The input.</param>
    /// <param name="start">Where the first field line begins.</param>
    /// <param name="line">Where this one does.</param>
    /// <param name="at">The first byte in it that is no token character: a colon only where the name is empty or too long.</param>
    public static ParseResult InName(ReadOnlySpan<byte> bytes, int start, int line, int at, in MessageLimits limits)
    {
        MessageFault? fault = NameOf(Within(bytes, start, limits), line == start, line, at);
        return fault is { } named ? ParseResult.Rejected(named) : Incomplete(bytes.Length, start, limits);
    }

    /// <param name="at">The first control character in a value; CR only where no LF follows.</param>
    public static ParseResult InValue(ReadOnlySpan<byte> bytes, int start, int at, in MessageLimits limits)
    {
        switch (bytes[at])
        {
            case (byte)'\n':
                return ParseResult.Rejected(MessageFault.BareLineFeed);
            case (byte)'\r' when at + 1 == Within(bytes, start, limits).Length:
                return Incomplete(bytes.Length, start, limits);
            case (byte)'\r':
                return ParseResult.Rejected(MessageFault.BareCarriageReturn);
            default:
                return ParseResult.Rejected(MessageFault.ValueHasControl);
        }
    }

    private static ReadOnlySpan<byte> Within(ReadOnlySpan<byte> bytes, int start, in MessageLimits limits) =>
        bytes[..(int)Math.Min(bytes.Length, (long)start + limits.FieldBytesMax)];

    private static MessageFault? NameOf(ReadOnlySpan<byte> bytes, bool isFirst, int line, int at)
    {
        switch (bytes[at])
        {
            case (byte)':':
                return at == line ? MessageFault.FieldNameEmpty : MessageFault.FieldNameTooLong;
            case (byte)'\n':
                return MessageFault.BareLineFeed;
            case (byte)'\r':
                return at + 1 == bytes.Length ? null
                    : bytes[at + 1] == '\n' ? MessageFault.ColonMissing : MessageFault.BareCarriageReturn;
            case (byte)' ' or (byte)'\t' when at == line:
                // RFC 9112, 2.2 and 5.2: skipping either would let two readers see different fields.
                return isFirst ? MessageFault.FieldsAfterWhitespace : MessageFault.FieldFolded;
            case (byte)' ' or (byte)'\t':
                int next = bytes[at..].IndexOfAnyExcept((byte)' ', (byte)'\t');
                return next < 0 ? null
                    : bytes[at + next] == ':' ? MessageFault.SpaceBeforeColon : MessageFault.FieldNameInvalid;
            default:
                return MessageFault.FieldNameInvalid;
        }
    }
}
