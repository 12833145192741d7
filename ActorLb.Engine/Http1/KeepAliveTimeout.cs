namespace ActorLb.Engine.Http1;

/// <summary>Reads the Keep-Alive field (RFC 2068, 19.7.1.1): timeout=5, max=100.</summary>
internal static class KeepAliveTimeout
{
    private const int DigitsMax = 7;

    /// <returns>Seconds; null where the field says nothing of a timeout.</returns>
    public static int? Read(ReadOnlySpan<byte> value)
    {
        while (!value.IsEmpty)
        {
            int comma = value.IndexOf((byte)',');
            ReadOnlySpan<byte> parameter = (comma < 0 ? value : value[..comma]).Trim(" \t"u8);
            value = comma < 0 ? default : value[(comma + 1)..];
            int equals = parameter.IndexOf((byte)'=');
            if (equals > 0 && System.Text.Ascii.EqualsIgnoreCase(parameter[..equals].TrimEnd(" \t"u8), "timeout"u8))
            {
                return Number(parameter[(equals + 1)..].TrimStart(" \t"u8).Trim("\""u8));
            }
        }

        return null;
    }

    private static int? Number(ReadOnlySpan<byte> digits)
    {
        int number = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return null;
            }

            number = (number * 10) + (digit - '0');
        }

        return digits.Length is > 0 and <= DigitsMax ? number : null;
    }
}
