using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2.Hpack;

namespace ActorLb.Engine.Http2.Client;

/// <summary>
/// The fields of an answer as a head of HTTP/1.1, which says how long the body is in that protocol's way. What HTTP/2 forbids
/// (RFC 9113, 8.2) is refused here; what both forbid, by those who read the text.
/// </summary>
internal static class AnswerText
{
    /// <summary>Beyond names and values, of each field and of the whole.</summary>
    public const int FieldBytesMore = 4;

    /// <inheritdoc cref="FieldBytesMore"/>
    public const int HeadBytesMore = 256;

    /// <summary>It is there, and says no number.</summary>
    public const long NoLength = -2;

    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> Ends = SearchValues.Create("\0\r\n"u8);

    private static ReadOnlySpan<byte> Status => ":status"u8;

    private static ReadOnlySpan<byte> ContentType => "content-type"u8;

    private static ReadOnlySpan<byte> ContentLength => "content-length"u8;

    /// <summary>Reads the status; 0 where the fields are no answer's.</summary>
    public static int StatusOf(ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields)
    {
        if (fields.IsEmpty || !NameOf(text, fields[0]).SequenceEqual(Status))
        {
            return 0;
        }

        ReadOnlySpan<byte> value = ValueOf(text, fields[0]);
        return value.Length == 3 && Utf8Parser.TryParse(value, out int status, out int read) && read == 3 && status is >= 100 and < 600 and not 101
            && AreWellFormed(text, fields[1..]) ? status : 0;
    }

    /// <summary>Whether they may stand in a message, as fields or trailers: no other pseudo fields, names in lower case, nothing of one connection (RFC 9113, 8.2).</summary>
    public static bool AreWellFormed(ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields)
    {
        foreach (ref readonly HpackField field in fields)
        {
            ReadOnlySpan<byte> name = NameOf(text, field);
            ReadOnlySpan<byte> value = ValueOf(text, field);
            if (name.IsEmpty
                || name.ContainsAnyExcept(NameBytes)
                || value.ContainsAny(Ends)
                || (value.Length > 0 && (value[0] is (byte)' ' or (byte)'\t' || value[^1] is (byte)' ' or (byte)'\t'))
                || ConnectionFields.Contains(name))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What Content-Length says; -1 where it is not there, or <see cref="NoLength"/>.</summary>
    public static long LengthOf(ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields)
    {
        foreach (ref readonly HpackField field in fields)
        {
            if (NameOf(text, field).SequenceEqual(ContentLength))
            {
                ReadOnlySpan<byte> value = ValueOf(text, field);
                return Utf8Parser.TryParse(value, out long length, out int read) && read == value.Length && length >= 0 ? length : NoLength;
            }
        }

        return -1;
    }

    /// <summary>The answer is to a call of gRPC: its status stands in trailers, and so its length is nothing to go by.</summary>
    public static bool IsGrpc(ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields)
    {
        foreach (ref readonly HpackField field in fields)
        {
            if (NameOf(text, field).SequenceEqual(ContentType))
            {
                return GrpcType.Is(ValueOf(text, field));
            }
        }

        return false;
    }

    /// <summary>Writes the head of an answer that has been found well-formed; returns its length.</summary>
    /// <param name="framing">How the body is framed in the text: None says nothing of it, Length what the fields say (or 0), Chunked that it is.</param>
    public static int WriteHead(int status, ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields, BodyFraming framing, Span<byte> target)
    {
        var head = new HeadBuffer(target);
        WriteStart(ref head, status);
        bool hasLength = false;
        foreach (ref readonly HpackField field in fields[1..])
        {
            bool isLength = NameOf(text, field).SequenceEqual(ContentLength);
            if (isLength && framing == BodyFraming.Chunked)
            {
                continue;
            }

            hasLength |= isLength;
            head.AppendField(NameOf(text, field), ValueOf(text, field));
        }

        if (framing == BodyFraming.Chunked)
        {
            head.Append("Transfer-Encoding: chunked\r\n"u8);
        }
        else if (framing == BodyFraming.Length && !hasLength)
        {
            head.Append("Content-Length: 0\r\n"u8);
        }

        head.Append("\r\n"u8);
        return head.Length;
    }

    /// <summary>The head by which a server of HTTP/1.1 would accept the WebSocket that was opened with this key (RFC 6455, 4.2.2).</summary>
    public static int WriteSwitch(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> fields, Span<byte> target)
    {
        var head = new HeadBuffer(target);
        WriteStart(ref head, 101);
        head.Append("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "u8);
        Base64.EncodeToUtf8(Proof(key), head.Rest, out _, out int written);
        head.Advance(written);
        head.Append("\r\n"u8);
        foreach (ref readonly HpackField field in fields[1..])
        {
            ReadOnlySpan<byte> name = NameOf(text, field);
            if (!name.SequenceEqual(ContentLength) && !name.SequenceEqual("sec-websocket-accept"u8))
            {
                head.AppendField(name, ValueOf(text, field));
            }
        }

        head.Append("\r\n"u8);
        return head.Length;
    }

    /// <summary>The end of a chunked body with these trailers.</summary>
    public static int WriteEnd(ReadOnlySpan<byte> text, ReadOnlySpan<HpackField> trailers, Span<byte> target)
    {
        var end = new HeadBuffer(target);
        end.Append("0\r\n"u8);
        foreach (ref readonly HpackField field in trailers)
        {
            end.AppendField(NameOf(text, field), ValueOf(text, field));
        }

        end.Append("\r\n"u8);
        return end.Length;
    }

    private static void WriteStart(ref HeadBuffer head, int status)
    {
        head.Append("HTTP/1.1 "u8);
        head.AppendDecimal(status);
        head.Append(" "u8);
        head.Append(ReasonPhrase.Of(status));
        head.Append("\r\n"u8);
    }

    private static byte[] Proof(ReadOnlySpan<byte> key)
    {
        byte[] text = [.. key, .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8];
#pragma warning disable CA5350 // RFC 6455 says SHA-1; nothing is kept secret by it.
        return SHA1.HashData(text);
#pragma warning restore CA5350
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> text, in HpackField field) => text.Slice(field.NameStart, field.NameLength);

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> text, in HpackField field) => text.Slice(field.ValueStart, field.ValueLength);
}
