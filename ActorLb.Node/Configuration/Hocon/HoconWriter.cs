using System.Globalization;
using System.Text;

namespace ActorLb.Node.Configuration.Hocon;

/// <summary>
/// Writes what was parsed down again: read once more it is the same, whatever its files looked like. Comments are gone, and
/// <c>${…}</c> stays. Pure.
/// </summary>
internal static class HoconWriter
{
    private const string Indent = "  ";

    public static string Write(HoconObject root)
    {
        var text = new StringBuilder();
        Members(text, root, "");
        return text.ToString();
    }

    /// <summary>A value in one line, as it could stand behind a key.</summary>
    public static string Line(HoconValue value)
    {
        var text = new StringBuilder();
        Inline(text, value);
        return text.ToString();
    }

    /// <summary>One part of a path: in quotes where it is not made of letters, digits, - and _.</summary>
    public static string Key(string key) => key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && key != "include" ? key : Quote(key);

    private static void Members(StringBuilder text, HoconObject members, string indent)
    {
        foreach (HoconMember member in members.Members)
        {
            Member(text, Key(member.Key), member.Value, indent);
        }
    }

    private static void Member(StringBuilder text, string key, HoconValue value, string indent)
    {
        switch (value)
        {
            // Read again, the second lies over the first as it did.
            case HoconOverlay overlay:
                Member(text, key, overlay.Below, indent);
                Member(text, key, overlay.Above, indent);
                break;
            case HoconObject members:
                text.Append(indent).Append(key).Append(" {\n");
                Members(text, members, indent + Indent);
                text.Append(indent).Append("}\n");
                break;
            case HoconList list when list.Items.Any(i => i is not HoconText):
                text.Append(indent).Append(key).Append(" = [\n");
                foreach (HoconValue item in list.Items)
                {
                    text.Append(indent).Append(Indent);
                    Inline(text, item);
                    text.Append('\n');
                }

                text.Append(indent).Append("]\n");
                break;
            default:
                text.Append(indent).Append(key).Append(" = ");
                Inline(text, value);
                text.Append('\n');
                break;
        }
    }

    private static void Inline(StringBuilder text, HoconValue value)
    {
        switch (value)
        {
            case HoconText plain:
                text.Append(Word(plain.Text));
                break;
            case HoconReference reference:
                text.Append(reference.Optional ? "${?" : "${").AppendJoin('.', reference.Path.Select(Key)).Append('}');
                break;
            case HoconJoined joined:
                foreach (HoconPart part in joined.Parts)
                {
                    text.Append(part.Gap);
                    Inline(text, part.Value);
                }

                break;
            case HoconList list:
                text.Append('[');
                Separated(text, list.Items, item => Inline(text, item));
                text.Append(']');
                break;
            case HoconObject members:
                text.Append('{');
                Separated(text, members.Members.SelectMany(m => Layers(m.Key, m.Value)), m =>
                {
                    text.Append(Key(m.Key)).Append(" = ");
                    Inline(text, m.Value);
                });
                text.Append('}');
                break;
        }
    }

    private static IEnumerable<(string Key, HoconValue Value)> Layers(string key, HoconValue value) =>
        value is HoconOverlay overlay ? Layers(key, overlay.Below).Concat(Layers(key, overlay.Above)) : [(key, value)];

    private static void Separated<T>(StringBuilder text, IEnumerable<T> items, Action<T> write)
    {
        bool isFirst = true;
        foreach (T item in items)
        {
            text.Append(isFirst ? "" : ", ");
            write(item);
            isFirst = false;
        }
    }

    // Without quotes only where no reader could take it for anything else.
    private static string Word(string text) =>
        text.Length > 0 && text != "null" && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '%')
            ? text
            : Quote(text);

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(c) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
