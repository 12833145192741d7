using System.Buffers;
using System.Buffers.Text;
using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Passwords;

namespace ActorLb.Engine.Filters;

/// <summary>A name and a password as a request has them (RFC 7617). Strict: what could be read in two ways is none.</summary>
/// <param name="bytes">name:password</param>
internal readonly ref struct BasicCredentials(ReadOnlySpan<byte> bytes, int colon)
{
    /// <summary>Of name, colon and password.</summary>
    public const int BytesMax = 1024;

    public readonly ReadOnlySpan<byte> Bytes = bytes;

    /// <summary>Null: it is no text, and so nobody's.</summary>
    public string? Name => UsersText.TextOf(Bytes[..colon]);

    /// <inheritdoc cref="Name"/>
    public string? Password => UsersText.TextOf(Bytes[(colon + 1)..]);

    /// <param name="buffer">Of <see cref="BytesMax"/>; where they are kept.</param>
    /// <returns>False: it has none that are well-formed, or more than one field of them.</returns>
    public static bool TryRead(in FilteredRequest request, Span<byte> buffer, out BasicCredentials credentials)
    {
        credentials = default;
        ReadOnlySpan<byte> value = default;
        int count = 0;
        foreach (ref readonly HeaderField field in request.Fields)
        {
            if (field.Known == KnownField.Authorization)
            {
                value = field.Value(request.Source);
                count++;
            }
        }

        int blank = value.IndexOf((byte)' ');
        if (count != 1 || blank < 0 || !Ascii.EqualsIgnoreCase(value[..blank], "Basic"u8))
        {
            return false;
        }

        // The decoder would pass over blanks between the characters.
        ReadOnlySpan<byte> encoded = value[blank..].TrimStart((byte)' ');
        if (encoded.ContainsAny(" \t\r\n"u8)
            || Base64.DecodeFromUtf8(encoded, buffer, out int consumed, out int written) != OperationStatus.Done
            || consumed != encoded.Length
            || buffer[..written].IndexOf((byte)':') is not (>= 0 and var colon))
        {
            return false;
        }

        credentials = new BasicCredentials(buffer[..written], colon);
        return true;
    }
}
