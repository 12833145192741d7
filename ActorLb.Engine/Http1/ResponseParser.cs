using System.Buffers;

namespace ActorLb.Engine.Http1;

/// <summary>
/// Reads a response's head (RFC 9112, 4 to 6) with the same care as a request's: a backend that answers ambiguously
/// could be made to answer the next client too. Does no IO, keeps nothing, allocates nothing.
/// </summary>
internal static class ResponseParser
{
    // "HTTP/1.1 200": version, space, three digits.
    private const int CodeStart = 9;
    private const int CodeEnd = 12;

    private static readonly SearchValues<byte> ReasonCharacters =
        SearchValues.Create([.. Enumerable.Range(0, 256).Where(c => c is '\t' or (>= ' ' and not 0x7f)).Select(c => (byte)c)]);

    /// <param name="bytes">From the connection's first unread byte; what follows the head may be in it.</param>
    /// <param name="method">Of the request that this answers: HEAD's answer has no body.</param>
    /// <param name="upgradeAsked">That request asked for another protocol; else 101 is refused.</param>
    /// <param name="fields">Receives the field lines; bounds them together with the limit.</param>
    /// <param name="head">Meaningful where the result is complete.</param>
    public static ParseResult Parse(
        ReadOnlySpan<byte> bytes, RequestMethod method, bool upgradeAsked, in MessageLimits limits, Span<HeaderField> fields, out ResponseHead head)
    {
        head = default;
        ReadOnlySpan<byte> window = bytes[..Math.Min(bytes.Length, limits.LineBytesMax)];
        int end = window.IndexOf((byte)'\r');
        if (end < 0 || end + 1 >= window.Length || window[end + 1] != '\n' || !ReadLine(window[..end], ref head))
        {
            return FaultOf(window, limits.LineBytesMax) is { } fault ? ParseResult.Rejected(fault) : ParseResult.NeedMore;
        }

        ParseResult result = FieldBlock.Read(bytes, end + 2, limits, fields, ref head.Fields);
        if (!result.IsComplete)
        {
            return result;
        }

        MessageFault meaning = ResponseMeaning.Read(bytes, fields[..head.Fields.Count], method, upgradeAsked, ref head);
        return meaning == MessageFault.None ? result : ParseResult.Rejected(meaning);
    }

    // The space after the code belongs to an empty reason too (RFC 9112, 4), but servers forget it, and without it
    // the line means the same to everybody.
    private static bool ReadLine(ReadOnlySpan<byte> line, ref ResponseHead head)
    {
        if (line.Length < CodeEnd
            || !LineBytes.IsVersion(line[..(CodeStart - 1)])
            || line[CodeStart - 1] != ' '
            || line[CodeStart..CodeEnd].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || (line.Length > CodeEnd && line[CodeEnd] != ' '))
        {
            return false;
        }

        head.Version = line[CodeStart - 2] == '1' ? MessageVersion.Http11 : MessageVersion.Http10;
        head.Status = ((line[CodeStart] - '0') * 100) + ((line[CodeStart + 1] - '0') * 10) + (line[CodeStart + 2] - '0');
        int reason = Math.Min(CodeEnd + 1, line.Length);
        head.Reason = new ByteRange(reason, line.Length - reason);
        return head.Status >= 100 && !line[reason..].ContainsAnyExcept(ReasonCharacters);
    }

    // The first control character decides, as in a request line.
    private static MessageFault? FaultOf(ReadOnlySpan<byte> window, int bytesMax)
    {
        int stop = LineBytes.FindControl(window);
        bool isWhole = stop >= 0 && stop + 1 < window.Length;
        if (stop < 0 || (window[stop] == '\r' && !isWhole))
        {
            return window.Length >= bytesMax ? MessageFault.StatusLineTooLong : null;
        }

        return window[stop] switch
        {
            (byte)'\n' => MessageFault.BareLineFeed,
            (byte)'\r' when window[stop + 1] != '\n' => MessageFault.BareCarriageReturn,
            _ => MessageFault.StatusLineMalformed,
        };
    }
}
