using ActorLb.Engine.Http1;

namespace ActorLb.Node.Configuration.Formats;

/// <summary>A path that routes compare, as an operator writes it: it means what it would mean in a request, and blanks and letters of any language may stand there as they are.</summary>
internal static class RoutePath
{
    public const string Expected = "a path that begins with /";

    /// <param name="path">As <see cref="NormalPath"/> has those of requests.</param>
    public static string? Read(string text, out string path)
    {
        path = NormalPath.Of(text, out bool leadsOut);
        return !text.StartsWith('/') ? $"'{text}' is no path"
            : text.Contains('?') ? $"'{text}' has a query, which is no part of a path (a question mark in a path is %3F)"
            : text.Contains('#') ? $"'{text}' has a fragment, which no request has (this character in a path is %23)"
            : text.Any(char.IsControl) ? "the path holds control characters"
            : leadsOut ? $"'{text}' leads out of /"
            : null;
    }

    /// <summary>Nothing, or such a path.</summary>
    /// <inheritdoc cref="Read"/>
    public static string? ReadOptional(string text, out string path)
    {
        path = "";
        return text.Length == 0 ? null : Read(text, out path);
    }
}
