using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Http2.Client;

/// <summary>
/// What a call of gRPC says beside its messages: values in ASCII, and bytes as base64 under names that end with -bin (grpc/doc/PROTOCOL-HTTP2.md, Custom-Metadata). There are servers that end a
/// connection, and all calls on it, for what is neither. Pure.
/// </summary>
internal static class CallMetadata
{
    private static ReadOnlySpan<byte> BinarySuffix => "-bin"u8;

    /// <summary>True, too, of a request that is no such call.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        if (!GrpcType.IsOf(source, fields))
        {
            return true;
        }

        foreach (ref readonly HeaderField field in fields)
        {
            ReadOnlySpan<byte> name = field.Name(source);
            ReadOnlySpan<byte> value = field.Value(source);
            bool isBinary = name.Length >= BinarySuffix.Length && Ascii.EqualsIgnoreCase(name[^BinarySuffix.Length..], BinarySuffix);
            if (!Ascii.IsValid(value) || (isBinary && !AreBinary(value)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a value is base64, or several with commas between (RFC 4648, 4; with or without padding, and with no bits behind the last byte).</summary>
    public static bool AreBinary(ReadOnlySpan<byte> value)
    {
        foreach (Range part in value.Split((byte)','))
        {
            if (!IsBase64(value[part].Trim(" \t"u8)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsBase64(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> digits = text.TrimEnd((byte)'=');
        int padding = text.Length - digits.Length;
        int rest = digits.Length % 4;
        if (rest == 1 || padding > 2 || (padding > 0 && text.Length % 4 != 0))
        {
            return false;
        }

        int last = 0;
        foreach (byte digit in digits)
        {
            last = ValueOf(digit);
            if (last < 0)
            {
                return false;
            }
        }

        return rest switch
        {
            2 => (last & 0b1111) == 0,
            3 => (last & 0b11) == 0,
            _ => true,
        };
    }

    private static int ValueOf(byte digit) => digit switch
    {
        >= (byte)'A' and <= (byte)'Z' => digit - 'A',
        >= (byte)'a' and <= (byte)'z' => digit - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => digit - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };
}
