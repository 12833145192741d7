using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Sessions;

/// <summary>What a Set-Cookie field says of one name (RFC 6265, 5.2): the value that its client will send back. Pure.</summary>
internal static class SetCookieValue
{
    /// <summary>False where the field is of another name, has no value, or has the client drop the cookie.</summary>
    /// <param name="now">Unix seconds.</param>
    public static bool TryRead(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name, long now, out ReadOnlySpan<byte> value)
    {
        int end = EndOfPair(field);
        return CookieValues.TryRead(field[..end].Trim(" \t"u8), name, out value) && !IsDropped(field[end..], now);
    }

    // Of quotes, only those who never read RFC 6265 put a semicolon between them; browsers end the value there all the same.
    private static int EndOfPair(ReadOnlySpan<byte> field) => field.IndexOf((byte)';') is var end and >= 0 ? end : field.Length;

    /// <summary>Max-Age of zero or less; without a Max-Age, an Expires that is over. Of several the last counts (RFC 6265, 5.3).</summary>
    private static bool IsDropped(ReadOnlySpan<byte> attributes, long now)
    {
        bool? byAge = null;
        bool byDate = false;
        while (!attributes.IsEmpty)
        {
            attributes = attributes[1..];
            int end = EndOfPair(attributes);
            ReadOnlySpan<byte> attribute = attributes[..end];
            attributes = attributes[end..];
            int equals = attribute.IndexOf((byte)'=');
            if (equals < 0)
            {
                continue;
            }

            ReadOnlySpan<byte> name = attribute[..equals].Trim(" \t"u8);
            ReadOnlySpan<byte> value = attribute[(equals + 1)..].Trim(" \t\""u8);
            if (Ascii.EqualsIgnoreCase(name, "Max-Age"u8))
            {
                byAge = IsOver(value) ?? byAge;
            }
            else if (Ascii.EqualsIgnoreCase(name, "Expires"u8) && HttpDate.TryRead(value, out long date))
            {
                byDate = date <= now;
            }
        }

        return byAge ?? byDate;
    }

    // What is no number is no attribute (RFC 6265, 5.2.2).
    private static bool? IsOver(ReadOnlySpan<byte> age)
    {
        ReadOnlySpan<byte> digits = age.StartsWith("-"u8) ? age[1..] : age;
        return digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') ? null
            : digits.Length < age.Length || digits.IndexOfAnyExcept((byte)'0') < 0;
    }
}
