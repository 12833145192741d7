using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// An HTTP/2 request for a WebSocket (RFC 8441) as an HTTP/1.1 backend gets it: an upgrade with a key of our own, whose
/// answer must prove that the backend has read it (RFC 6455, 4.1 and 4.2.2).
/// </summary>
internal sealed class WebSocketOpening
{
    private const int KeyBytes = 16;

    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>Fields of the client that ours take the place of.</summary>
    public static bool IsWrittenHere(string name) =>
        name.Equals("Sec-WebSocket-Key", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Connection", StringComparison.OrdinalIgnoreCase);

    public void WriteFields(HeadText target)
    {
        target.Append("Connection: Upgrade\r\nUpgrade: websocket\r\n"u8);
        target.AppendField("Sec-WebSocket-Key", _key);
    }

    /// <summary>Whether the answer accepts this key.</summary>
    public bool IsAcceptedBy(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        Span<byte> accept = stackalloc byte[Base64.GetMaxEncodedToUtf8Length(SHA1.HashSizeInBytes)];
        byte[] proof = [.. Encoding.ASCII.GetBytes(_key), .. Guid];
#pragma warning disable CA5350 // RFC 6455 says SHA-1; nothing is kept secret by it.
        Base64.EncodeToUtf8(SHA1.HashData(proof), accept, out _, out int written);
#pragma warning restore CA5350
        foreach (ref readonly HeaderField field in fields)
        {
            if (Ascii.EqualsIgnoreCase(field.Name(source), "Sec-WebSocket-Accept"u8))
            {
                return field.Value(source).SequenceEqual(accept[..written]);
            }
        }

        return false;
    }
}
