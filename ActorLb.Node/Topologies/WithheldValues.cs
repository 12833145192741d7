using System.Buffers;
using System.Text;

namespace ActorLb.Node.Topologies;

/// <summary>
/// What of a configuration's values is for those alone who may read its text: values of header fields and addresses with what stands in their
/// queries are where operators write credentials. All others see a secret's place holder there. Works on what is told, since other
/// nodes tell it, too; what it cannot follow it withholds as a whole. Pure.
/// </summary>
internal static class WithheldValues
{
    private const string RoutesKey = "routes[";
    private const string PoolsKey = "pools.";
    private const string ProbePathKey = ".health.path";

    /// <summary>In a route, by their keys; what ends with '.' is all that stands below.</summary>
    private static readonly string[] OfRoutes = ["headers[].value", "auth.forward.url", "request-headers.set.", "request-headers.add.", "response-headers.set.", "response-headers.add."];

    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" ,={}[]\"");

    /// <summary>Such as who may not read the text is told it.</summary>
    public static SettingDifference In(SettingDifference difference)
    {
        (string? old, string? now) = (Shown(difference.Key, difference.Old), Shown(difference.Key, difference.New));
        return difference with { Old = old, New = now is not null && now == old ? TopologyDifferences.OtherSecret : now };
    }

    /// <param name="route">As <see cref="TopologyTree.Of(Shared.Settings.RouteSettings)"/> writes it.</param>
    public static string InRoute(string route)
    {
        var shown = new StringBuilder(route.Length);
        Stack<string> keys = [];
        string key = "";
        for (int at = 0; at < route.Length;)
        {
            char next = route[at];
            if (next is '{' or '[')
            {
                keys.Push(next == '[' ? $"{key}[]" : keys.Count == 0 ? "" : $"{key}.");
                key = "";
            }
            else if (next is '}' or ']' && !keys.TryPop(out _))
            {
                return SettingTreeBuilder.SecretText;
            }
            else if (next is not (',' or '}' or ']' or ' ' or '='))
            {
                int end = EndOf(route, at);
                if (end < 0)
                {
                    return SettingTreeBuilder.SecretText;
                }

                string word = route[at..end];
                bool isKey = IsKey(route, end);
                shown.Append(!isKey && IsWithheld(string.Concat(keys.Reverse()) + key) ? SettingTreeBuilder.SecretText : word);
                key = isKey ? word : "";
                at = end;
                continue;
            }

            shown.Append(next);
            at++;
        }

        return keys.Count == 0 ? shown.ToString() : SettingTreeBuilder.SecretText;
    }

    private static string? Shown(string key, string? text) => text switch
    {
        null => null,
        _ when key.StartsWith(RoutesKey, StringComparison.Ordinal) && text.StartsWith('{') => InRoute(text),
        _ when key.StartsWith(PoolsKey, StringComparison.Ordinal) && key.EndsWith(ProbePathKey, StringComparison.Ordinal) => WithoutQuery(text),
        _ => text,
    };

    private static bool IsWithheld(string path) => OfRoutes.Any(w => w[^1] == '.' ? path.StartsWith(w, StringComparison.Ordinal) : path == w);

    private static string WithoutQuery(string quoted)
    {
        int query = quoted.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? quoted : $"{quoted[..(query + 1)]}{SettingTreeBuilder.SecretText}\"";
    }

    private static bool IsKey(string text, int end)
    {
        ReadOnlySpan<char> rest = text.AsSpan(end).TrimStart(' ');
        return !rest.IsEmpty && rest[0] is '=' or '{';
    }

    // Of a word, or of a quoted text; negative: it has none.
    private static int EndOf(string text, int at)
    {
        if (text[at] != '"')
        {
            int end = text.AsSpan(at).IndexOfAny(WordEnds);
            return end < 0 ? text.Length : end == 0 ? -1 : at + end;
        }

        for (int i = at + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                return i + 1;
            }
        }

        return -1;
    }
}
