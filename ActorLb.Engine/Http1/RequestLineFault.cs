namespace ActorLb.Engine.Http1;

/// <summary>
/// Names what is wrong with a request line that is not well-formed: the first control character decides, then the
/// parts from left to right; so the name does not depend on how much has arrived.
/// </summary>
internal static class RequestLineFault
{
    /// <param name="window">From the line's first byte to the limit or to where the input ends.</param>
    /// <returns>Null where the line may still become a good one.</returns>
    public static MessageFault? Name(ReadOnlySpan<byte> window, int bytesMax)
    {
        int stop = LineBytes.FindControl(window);
        bool isWhole = stop >= 0 && stop + 1 < window.Length;
        if (stop < 0 || (window[stop] == '\r' && !isWhole))
        {
            return window.Length >= bytesMax ? MessageFault.RequestLineTooLong : null;
        }

        return window[stop] switch
        {
            (byte)'\n' => MessageFault.BareLineFeed,
            (byte)'\r' => window[stop + 1] == '\n' ? InLine(window[..stop]) : MessageFault.BareCarriageReturn,
            _ => OfControl(window[..stop]),
        };
    }

    private static MessageFault OfControl(ReadOnlySpan<byte> before) => before.Count((byte)' ') switch
    {
        0 => MessageFault.MethodInvalid,
        1 => MessageFault.TargetHasControl,
        _ => MessageFault.VersionUnsupported,
    };

    private static MessageFault InLine(ReadOnlySpan<byte> line)
    {
        int space = line.IndexOf((byte)' ');
        if (space >= 0 ? space == 0 : line.IsEmpty || Tokens.IsToken(line))
        {
            return MessageFault.RequestLineMalformed;
        }

        if (!Tokens.IsToken(space < 0 ? line : line[..space]))
        {
            return MessageFault.MethodInvalid;
        }

        ReadOnlySpan<byte> rest = line[(space + 1)..];
        int last = rest.LastIndexOf((byte)' ');
        if (rest.IsEmpty || last == 0)
        {
            return MessageFault.RequestLineMalformed;
        }

        if (last < 0 || last == rest.Length - 1)
        {
            // HTTP/0.9 asks with a target alone; nobody else does.
            return last >= 0 && rest[..last].Contains((byte)' ') ? MessageFault.RequestLineMalformed : MessageFault.VersionMissing;
        }

        return LineBytes.IsVersion(rest[(last + 1)..]) ? InTarget(rest[..last]) : MessageFault.VersionUnsupported;
    }

    private static MessageFault InTarget(ReadOnlySpan<byte> target)
    {
        int at = target.IndexOfAnyExcept(RequestTarget.Characters);
        return at < 0 ? MessageFault.RequestLineMalformed : target[at] switch
        {
            (byte)' ' => MessageFault.TargetHasSpace,
            (byte)'#' => MessageFault.TargetHasFragment,
            >= 0x80 => MessageFault.TargetNotAscii,
            _ => MessageFault.TargetHasControl,
        };
    }
}
