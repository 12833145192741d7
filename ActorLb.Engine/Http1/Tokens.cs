using System.Buffers;

namespace ActorLb.Engine.Http1;

/// <summary>The characters of RFC 9110, 5.6.2: methods, field names, options and the like.</summary>
internal static class Tokens
{
    public static readonly SearchValues<byte> Characters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static bool IsToken(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(Characters);
}
