using System.Text.RegularExpressions;

namespace ActorLb.Node.Configuration;

/// <summary>
/// Recognises a file that was written for another program or in another language, so that its reader hears that, and not
/// of the first character that HOCON does not have. A guess, asked only for a file in which HOCON found nothing of ours.
/// </summary>
internal static partial class ForeignFormat
{
    public const string Expected = "HOCON: actorlb { listeners { … }, pools { … } } (docs/configuration.md)";

    /// <summary>The same where the file is another program's.</summary>
    public const string ExpectedInstead = Expected + "; there is no importer yet";

    /// <summary>What the text is, as in "this is X"; null where nothing tells.</summary>
    public static string? Of(string text)
    {
        if (OurSection().IsMatch(text))
        {
            return null;
        }

        if (text.Contains("ReverseProxy", StringComparison.Ordinal) && text.TrimStart().StartsWith('{'))
        {
            return "YARP's configuration (appsettings.json)";
        }

        // Each looks for lines that the ones after it might have, too, and that only the first can be.
        return HaproxySection().IsMatch(text) ? "HAProxy's configuration"
            : NginxDirective().IsMatch(text) ? "nginx's configuration"
            : CaddyDirective().IsMatch(text) ? "Caddy's configuration (Caddyfile)"
            : TomlTable().IsMatch(text) ? "TOML"
            : EnvoyKey().IsMatch(text) ? "Envoy's configuration (YAML)"
            : YamlMapping().IsMatch(text) ? "YAML"
            : text.TrimStart().StartsWith('<') ? "XML"
            : null;
    }

    // Sections within may be called as others call theirs: a listener http, a pool stream.
    [GeneratedRegex(@"^[ \t]*""?actorlb""?[ \t]*([{=.]|:[ \t]*\{|\r?$)", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex OurSection();

    [GeneratedRegex(@"^(global|defaults|(frontend|backend|listen)[ \t]+[\w.:-]+)[ \t\r]*$", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex HaproxySection();

    [GeneratedRegex(@"^[ \t]*((worker_processes|user|pid|listen|proxy_pass|server_name|include)[ \t]+[^={;]+;|(events|http|stream)[ \t]*\{[^=:]*$|(upstream|location)[ \t]+[^={]+\{)", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex NginxDirective();

    [GeneratedRegex(@"^[ \t]*(reverse_proxy|file_server|php_fastcgi|handle_path|lb_policy|encode|respond)([ \t]+[^=:;{][^=;{]*)?(\{[ \t]*)?\r?$", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex CaddyDirective();

    [GeneratedRegex(@"^\[\[?[A-Za-z0-9_.-]+\]\]?[ \t\r]*$", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex TomlTable();

    [GeneratedRegex(@"^static_resources:", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex EnvoyKey();

    // A key whose value is on the next lines, or an item of a list: neither can stand so in HOCON.
    [GeneratedRegex(@"^(---[ \t\r]*|[ \t]*[\w.-]+:[ \t\r]*|[ \t]*- \S.*)$", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex YamlMapping();
}
