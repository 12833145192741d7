using System.Net;
using System.Text.RegularExpressions;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration;

/// <summary>
/// What a configuration got from where its readers may not look: environment variables of a node, secrets that are stored. Whatever
/// is answered to others shows their names in place of them. By value, since a value may have become a part of another. Immutable.
/// </summary>
internal sealed partial record HiddenValues(EquatableArray<(string Value, string Shown)> All)
{
    public static readonly HiddenValues None = new([]);

    /// <summary>Shorter ones are hidden only where they are all of what is said: they are a part of many words.</summary>
    public const int PartLengthMin = 4;

    /// <summary>Of the variables to which a text of HOCON refers.</summary>
    public static HiddenValues Of(string text, Func<string, string?> variable)
    {
        var findings = new ConfigurationFindings();
        Func<string, string?> hiding = findings.Hiding(variable);
        foreach (Match reference in Reference().Matches(text))
        {
            hiding(reference.Groups[1].Value);
        }

        return findings.Hidden;
    }

    [GeneratedRegex(@"\$\{\??([^}\r\n]+)\}", RegexOptions.NonBacktracking)]
    private static partial Regex Reference();

    public HiddenValues With(HiddenValues others) =>
        others == this || others.All.IsEmpty ? this : All.IsEmpty ? others : new([.. All.Concat(others.All).Distinct()]);

    public string In(string text)
    {
        foreach ((string value, string shown) in All.OrderByDescending(h => h.Value.Length))
        {
            text = value.AsSpan().ContainsAny('.', ':') && IPAddress.TryParse(value, out _) ? ReplaceWhole(text, value, shown)
                : value.Length >= PartLengthMin ? text.Replace(value, shown, StringComparison.OrdinalIgnoreCase)
                : text == value ? shown
                : text.Replace($"'{value}'", $"'{shown}'", StringComparison.Ordinal);
        }

        return text;
    }

    // The beginning of another address is not that address: 10.0.0.1 is none of 10.0.0.13.
    private static string ReplaceWhole(string text, string address, string shown)
    {
        for (int at = 0; (at = text.IndexOf(address, at, StringComparison.OrdinalIgnoreCase)) >= 0;)
        {
            int end = at + address.Length;
            bool isWhole = (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsAsciiLetterOrDigit(text[end]));
            text = isWhole ? string.Concat(text.AsSpan(0, at), shown, text.AsSpan(end)) : text;
            at += isWhole ? shown.Length : 1;
        }

        return text;
    }

    public ConfigurationMistake In(ConfigurationMistake mistake) => mistake with { Problem = In(mistake.Problem), Expected = In(mistake.Expected) };

    public ConfigurationWarning In(ConfigurationWarning warning) => warning with { Problem = In(warning.Problem), Advice = In(warning.Advice) };
}
