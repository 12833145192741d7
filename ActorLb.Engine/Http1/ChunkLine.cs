using System.Buffers;
using System.Runtime.CompilerServices;

namespace ActorLb.Engine.Http1;

/// <summary>
/// Reads a chunk's size line (RFC 9112, 7.1): hexadecimal digits without sign, prefix or space, then perhaps
/// extensions, which are checked and dropped. Nothing here may mean something else to a backend: it never sees it.
/// </summary>
internal static class ChunkLine
{
    private const int DigitsMax = 16;

    // RFC 9110, 5.6.4: what a quoted string holds but '"' and '\', which are looked at where they stand.
    private static readonly SearchValues<byte> Quoted = SearchValues.Create(
        [.. Enumerable.Range(0, 256).Where(c => c is '\t' or (>= ' ' and not ('"' or '\\' or 0x7f))).Select(c => (byte)c)]);

    /// <param name="bytes">From the line's first byte.</param>
    /// <param name="bytesMax">Of the line with its CRLF.</param>
    /// <param name="size">The chunk's size; 0 ends the body.</param>
    public static ParseResult Read(ReadOnlySpan<byte> bytes, int bytesMax, out long size)
    {
        ReadOnlySpan<byte> window = bytes[..Math.Min(bytes.Length, bytesMax)];
        ulong value = 0;
        int at = 0;
        while (at < window.Length && HexValue(window[at]) is var digit and >= 0)
        {
            if (at == DigitsMax)
            {
                size = 0;
                return ParseResult.Rejected(MessageFault.ChunkSizeTooLarge);
            }

            value = (value << 4) | (uint)digit;
            at++;
        }

        size = (long)value;
        if (size < 0)
        {
            return ParseResult.Rejected(MessageFault.ChunkSizeTooLarge);
        }

        if (at < window.Length && at == 0)
        {
            return ParseResult.Rejected(window[0] == '\n' ? MessageFault.BareLineFeed : MessageFault.ChunkSizeInvalid);
        }

        if (at < window.Length && window[at] is not ((byte)'\r' or (byte)'\n'))
        {
            MessageFault fault = SkipExtensions(window, ref at);
            if (fault != MessageFault.None)
            {
                return ParseResult.Rejected(fault);
            }
        }

        return End(window, at, bytesMax);
    }

    private static ParseResult End(ReadOnlySpan<byte> window, int at, int bytesMax)
    {
        if (at < window.Length && window[at] == '\n')
        {
            return ParseResult.Rejected(MessageFault.BareLineFeed);
        }

        if (at + 1 < window.Length)
        {
            return window[at + 1] == '\n' ? ParseResult.Complete(at + 2) : ParseResult.Rejected(MessageFault.BareCarriageReturn);
        }

        return window.Length == bytesMax ? ParseResult.Rejected(MessageFault.ChunkLineTooLong) : ParseResult.NeedMore;
    }

    /// <summary>Goes to the CR or LF that ends the extensions, or to the window's end where that comes first.</summary>
    private static MessageFault SkipExtensions(ReadOnlySpan<byte> window, ref int at)
    {
        // A size is followed by a semicolon or by nothing: what else there is, belongs to no extension.
        MessageFault otherwise = MessageFault.ChunkSizeInvalid;
        while (true)
        {
            int space = at;
            SkipSpace(window, ref at);
            if (at == window.Length || (at == space && window[at] is (byte)'\r' or (byte)'\n'))
            {
                return MessageFault.None;
            }

            if (window[at] != ';')
            {
                return otherwise;
            }

            otherwise = MessageFault.ChunkExtensionInvalid;
            at++;
            SkipSpace(window, ref at);
            if (!SkipToken(window, ref at))
            {
                return otherwise;
            }

            int name = at;
            SkipSpace(window, ref at);
            if (at < window.Length && window[at] == '=')
            {
                at++;
                SkipSpace(window, ref at);
                if (!SkipValue(window, ref at))
                {
                    return otherwise;
                }
            }
            else if (at < window.Length)
            {
                at = name;
            }
        }
    }

    private static bool SkipValue(ReadOnlySpan<byte> window, ref int at)
    {
        if (at == window.Length || window[at] != '"')
        {
            return SkipToken(window, ref at);
        }

        at++;
        while (at < window.Length && window[at] != '"')
        {
            if (window[at] == '\\' && ++at == window.Length)
            {
                return true;
            }

            bool isEscaped = window[at - 1] == '\\' && window[at] is (byte)'"' or (byte)'\\';
            if (!isEscaped && !Quoted.Contains(window[at]))
            {
                return false;
            }

            at++;
        }

        at = Math.Min(at + 1, window.Length);
        return true;
    }

    /// <summary>False where no token character stands; true at the window's end, where one may follow.</summary>
    private static bool SkipToken(ReadOnlySpan<byte> window, ref int at)
    {
        int length = window[at..].IndexOfAnyExcept(Tokens.Characters);
        at = length < 0 ? window.Length : at + length;
        return length != 0;
    }

    // Bad whitespace: to be taken and dropped (RFC 9110, 5.6.3).
    private static void SkipSpace(ReadOnlySpan<byte> window, ref int at)
    {
        while (at < window.Length && window[at] is (byte)' ' or (byte)'\t')
        {
            at++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int HexValue(byte c)
    {
        int digit = c - '0';
        int letter = (c | 0x20) - 'a';
        return (uint)digit <= 9 ? digit : (uint)letter <= 5 ? letter + 10 : -1;
    }
}
