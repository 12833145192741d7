using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActorLb.Engine.Http1;

/// <summary>
/// Reads a request's head (RFC 9112, 2 to 6). Does no IO, keeps nothing, allocates nothing. Strict: what two readers
/// could understand in two ways is refused by name, because a backend may be the other reader.
/// </summary>
internal static class RequestParser
{
    // " HTTP/1.1" with the space is nine bytes: the shortest line is a method, a space, a target and these.
    private const int VersionLength = 8;
    private const int LineLengthMin = 3 + VersionLength;

    // "HTTP/1.1" and "HTTP/1.0" as one word, as they lie in memory of little-endian machines.
    private const ulong Http11 = 0x312E_312F_5054_5448;
    private const ulong Http10 = 0x302E_312F_5054_5448;

    private const uint Get = 0x2054_4547;

    /// <param name="bytes">From the connection's first unread byte; what follows the head may be in it.</param>
    /// <param name="fields">Receives the field lines; bounds them together with the limit.</param>
    /// <param name="head">Meaningful where the result is complete.</param>
    public static ParseResult Parse(ReadOnlySpan<byte> bytes, in MessageLimits limits, Span<HeaderField> fields, out RequestHead head)
    {
        head = default;

        // One empty line before a request is left over from an old client's body (RFC 9112, 2.2).
        int start = 0;
        if (bytes.Length > 0 && bytes[0] == '\r')
        {
            if (bytes.Length == 1)
            {
                return ParseResult.NeedMore;
            }

            if (bytes[1] != '\n')
            {
                return ParseResult.Rejected(MessageFault.BareCarriageReturn);
            }

            start = 2;
        }

        ReadOnlySpan<byte> window = bytes.Slice(start, Math.Min(bytes.Length - start, limits.LineBytesMax));
        int end = window.IndexOf((byte)'\r');
        if (end < LineLengthMin || end + 1 >= window.Length || window[end + 1] != '\n' || !ReadLine(window[..end], start, ref head))
        {
            return RequestLineFault.Name(window, limits.LineBytesMax) is { } fault ? ParseResult.Rejected(fault) : ParseResult.NeedMore;
        }

        if (head.Method == RequestMethod.Connect)
        {
            return ParseResult.Rejected(MessageFault.ConnectUnsupported);
        }

        if (RequestTarget.Read(bytes, head.Target.Whole, head.Method, out head.Target) is var form and not MessageFault.None)
        {
            return ParseResult.Rejected(form);
        }

        ParseResult result = FieldBlock.Read(bytes, start + end + 2, limits, fields, ref head.Fields);
        if (!result.IsComplete)
        {
            return result;
        }

        MessageFault meaning = RequestMeaning.Read(bytes, fields[..head.Fields.Count], ref head);
        return meaning == MessageFault.None ? result : ParseResult.Rejected(meaning);
    }

    /// <summary>Whether the line is well-formed; what is wrong with another is found out by <see cref="RequestLineFault"/>.</summary>
    private static bool ReadLine(ReadOnlySpan<byte> line, int start, ref RequestHead head)
    {
        ref byte first = ref MemoryMarshal.GetReference(line);
        int targetEnd = line.Length - VersionLength - 1;
        ulong version = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, targetEnd + 1));
        version = BitConverter.IsLittleEndian ? version : BinaryPrimitives.ReverseEndianness(version);
        if (Unsafe.Add(ref first, targetEnd) != ' ' || version is not (Http11 or Http10))
        {
            return false;
        }

        head.Version = version == Http11 ? MessageVersion.Http11 : MessageVersion.Http10;
        int methodLength;
        if (Unsafe.ReadUnaligned<uint>(ref first) == Get && BitConverter.IsLittleEndian)
        {
            methodLength = 3;
            head.Method = RequestMethod.Get;
        }
        else
        {
            methodLength = line.IndexOf((byte)' ');
            ReadOnlySpan<byte> method = line[..methodLength];
            head.Method = RequestMethods.Find(method);
            if (head.Method == RequestMethod.Other && !Tokens.IsToken(method))
            {
                return false;
            }
        }

        head.MethodName = new ByteRange(start, methodLength);
        int target = methodLength + 1;
        head.Target.Whole = new ByteRange(start + target, targetEnd - target);
        return target < targetEnd && !line[target..targetEnd].ContainsAnyExcept(RequestTarget.Characters);
    }
}
