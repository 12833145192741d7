using System.Buffers;

namespace ActorLb.Node.Configuration.Formats;

/// <summary>Which characters names may have, so that they fit into URLs, logs, metrics and wire messages.</summary>
internal static class Names
{
    public const int LengthMax = 128;

    public const string Expected = "1 to 128 letters, digits, dots, dashes, underscores, colons or square brackets, and not . or ..";

    // RFC 9110, 5.6.2.
    private static readonly SearchValues<char> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly SearchValues<char> Name = SearchValues.Create(
        "-._:[]0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static string? Read(string text, out string name)
    {
        name = text;
        return text.Length == 0 ? "a name is empty"
            : text.Length > LengthMax ? $"'{text[..16]}…' has {text.Length} characters"
            : text is "." or ".." ? $"'{text}' is a step in a path of a URL"
            : text.AsSpan().ContainsAnyExcept(Name) ? $"'{text}' holds characters that names do not have"
            : null;
    }

    /// <summary>RFC 9110, 5.6.2: the name of a cookie (RFC 6265, 4.1.1) or of a field.</summary>
    public static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Token);

    /// <summary>No blank, no control character, nothing beyond ASCII: may stand in a request line or a header.</summary>
    public static bool IsVisible(string text) => !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
