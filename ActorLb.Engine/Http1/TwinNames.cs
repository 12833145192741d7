using System.Buffers;

namespace ActorLb.Engine.Http1;

/// <summary>
/// Which names are one for those who read fields as variables: gateways to CGI, WSGI, PHP and their kind take some, or all, characters that are neither letters nor digits for one
/// (lighttpd: X.Forwarded.For and X~Forwarded~For). We take all marks for '-'. The one place that says so. Pure.
/// </summary>
internal static class TwinNames
{
    private static readonly SearchValues<byte> Plain = SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>It has a mark beside '-', and so may be somebody's twin.</summary>
    public static bool HasMarks(ReadOnlySpan<byte> name) => name.ContainsAnyExcept(Plain);

    /// <summary>Writes the name with '-' for each mark; case stays.</summary>
    /// <param name="target">As long.</param>
    public static void Read(ReadOnlySpan<byte> name, Span<byte> target)
    {
        for (int i = 0; i < name.Length; i++)
        {
            target[i] = IsWord(name[i]) ? name[i] : (byte)'-';
        }
    }

    /// <summary>Whether both are read alike, in any case.</summary>
    public static bool AreAlike(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other)
    {
        if (name.Length != other.Length)
        {
            return false;
        }

        for (int i = 0; i < name.Length; i++)
        {
            if (IsWord(name[i]) ? (name[i] | 0x20) != (other[i] | 0x20) : IsWord(other[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsWord(byte character) => char.IsAsciiLetterOrDigit((char)character);
}
