using System.Text.RegularExpressions;

namespace ActorLb.Engine.Filters;

/// <summary>The words in braces that a redirect's target may have.</summary>
public static partial class PlaceHolders
{
    internal const string Scheme = "{scheme}";
    internal const string Host = "{host}";
    internal const string Path = "{path}";
    internal const string Query = "{query}";

    public const string Rest = "{rest}";

    /// <summary>As they are written.</summary>
    public static IReadOnlyList<string> All { get; } = [Scheme, Host, Path, Query, Rest];

    /// <summary>Texts and place holders in their order; without empty ones.</summary>
    public static string[] Split(string text) => [.. Braces().Split(text).Where(p => p.Length > 0)];

    public static bool IsOne(string part) => All.Contains(part);

    /// <summary>What stands in braces and is no place holder; null: nothing.</summary>
    public static string? Unknown(string text) => Split(text).FirstOrDefault(p => p.AsSpan().ContainsAny('{', '}') && !IsOne(p));

    [GeneratedRegex(@"(\{[a-z]*\})")]
    private static partial Regex Braces();
}
