using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Node.Configuration.Hocon;

namespace ActorLb.Node.Configuration;

/// <summary>
/// The secrets that a configuration holds as they are, and not by <c>${…}</c>: passwords, keys of tickets, fields of probes, and
/// what these refer to. Where the text is shown, a place holder that names the key stands for each, and where such a text is
/// given back, each keeps what is stored under the key that it names. Pure.
/// </summary>
internal static class WrittenSecrets
{
    private const string Begin = "<kept: ";
    private const char End = '>';

    /// <summary>No key of tickets, but the word for those that the nodes share.</summary>
    private const string SharedWord = "shared";

    private const string RootKey = "actorlb";

    private static readonly string[] Words = ["password", "client-password", "token", "secret", "secrets"];

    /// <summary>Called with each value at a place of secrets; returns what is to stand there.</summary>
    private delegate HoconValue AtSecret(string path, HoconValue value);

    /// <summary>The same with place holders.</summary>
    public static HoconObject Hidden(HoconObject written) =>
        Map(written, (path, value) => IsSecret(value) ? new HoconText(value.Origin, $"{Begin}{path}{End}") : value);

    /// <summary>Each secret by the key that its place holder names.</summary>
    public static ImmutableDictionary<string, HoconValue> Of(HoconObject written)
    {
        var all = ImmutableDictionary.CreateBuilder<string, HoconValue>();
        Map(written, (path, value) =>
        {
            if (IsSecret(value))
            {
                all[path] = value;
            }

            return value;
        });
        return all.ToImmutable();
    }

    /// <summary>With what is stored in the place of each place holder.</summary>
    /// <param name="stored">What is in force; null where nothing is known of it.</param>
    /// <param name="findings">Hears of place holders for which nothing is stored, or that stand where no secret does.</param>
    public static HoconObject Kept(HoconObject written, HoconObject? stored, ConfigurationFindings findings)
    {
        ImmutableDictionary<string, HoconValue> secrets = stored is null ? ImmutableDictionary<string, HoconValue>.Empty : Of(stored);
        HoconObject kept = Map(written, (path, value) =>
        {
            if (NameOf(value) is not { } name)
            {
                return value;
            }

            if (secrets.TryGetValue(name, out HoconValue? secret) && KindOf(name) == KindOf(path))
            {
                foreach (HoconText text in Values(secret).OfType<HoconText>())
                {
                    findings.Hide(text.Text, $"{Begin}{name}{End}");
                }

                return secret;
            }

            findings.Mistake(
                value.Origin,
                $"{RootKey}.{path}",
                secret is null ? $"nothing is stored under {name}, which this place holder is to keep" : $"what is stored under {name} is a secret of another kind",
                "the secret itself, or ${NAME} from the environment");
            return new HoconUnknown(value.Origin);
        });
        foreach (HoconValue misplaced in Values(kept).Where(v => NameOf(v) is not null))
        {
            findings.Mistake(misplaced.Origin, "", "a place holder for a secret stands where none belongs", "a value; place holders are for passwords, affinity.keys and health.headers");
        }

        return kept;
    }

    /// <summary>A part of a text as it stands in a path below actorlb.</summary>
    private static string Joined(string path, string key) => path.Length == 0 ? HoconWriter.Key(key) : $"{path}.{HoconWriter.Key(key)}";

    private static string? NameOf(HoconValue value) =>
        value is HoconText { Text: var text } && text.StartsWith(Begin, StringComparison.Ordinal) && text.EndsWith(End) ? text[Begin.Length..^1] : null;

    private static bool IsSecret(HoconValue value) => value switch
    {
        HoconText text => text.Text.Length > 0 && text.Text != SharedWord,
        HoconJoined joined => joined.Parts.Any(p => p.Value is HoconText { Text.Length: > 0 }),
        _ => false,
    };

    // A secret that is given out as one of another kind could be sent where it can be read.
    private static string KindOf(string path)
    {
        string[] parts = path.Split('.', '[');
        return Array.Find(Words, w => path.EndsWith("." + w, StringComparison.Ordinal))
            ?? (parts.Contains("headers") ? "headers" : parts.Contains("keys") ? "keys" : path);
    }

    private static HoconObject Map(HoconObject written, AtSecret map)
    {
        var referred = new HashSet<string>(StringComparer.Ordinal);
        int before;
        do
        {
            before = referred.Count;
            Walk(written, "", isSecret: false, referred, static (_, value) => value, found => referred.Add(found));
        }
        while (referred.Count > before);

        return (HoconObject)Walk(written, "", isSecret: false, referred, map, static _ => { });
    }

    /// <param name="refers">Told of each key that a secret refers to.</param>
    private static HoconValue Walk(HoconValue value, string path, bool isSecret, HashSet<string> referred, AtSecret map, Action<string> refers)
    {
        isSecret = isSecret || referred.Contains(path);
        switch (value)
        {
            case HoconObject members:
                var mapped = new HoconObject(members.Origin);
                foreach (HoconMember member in members.Members)
                {
                    string below = path.Length == 0 && member.Key == RootKey ? "" : Joined(path, member.Key);
                    mapped.Put(member with { Value = Walk(member.Value, below, isSecret || IsPlace(below), referred, map, refers) });
                }

                return mapped;
            case HoconList list:
                return new HoconList(list.Origin, [.. list.Items.Select((item, i) =>
                    Walk(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), isSecret, referred, map, refers))]);
            case HoconOverlay overlay:
                return new HoconOverlay(
                    Walk(overlay.Below, path + "^", isSecret, referred, map, refers), Walk(overlay.Above, path, isSecret, referred, map, refers));
            case HoconJoined joined when joined.Parts.Any(p => p.Value is HoconObject or HoconList):
                return new HoconJoined(joined.Origin, [.. joined.Parts.Select((part, i) => part with
                {
                    Value = Walk(part.Value, i == 0 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}+{i}"), isSecret, referred, map, refers),
                })]);
            case HoconReference reference when isSecret:
                string name = string.Join('.', reference.Path.Select(HoconWriter.Key));
                refers(name.StartsWith(RootKey + ".", StringComparison.Ordinal) ? name[(RootKey.Length + 1)..] : name);
                return value;
            case HoconJoined texts when isSecret:
                foreach (HoconPart part in texts.Parts.Where(p => p.Value is HoconReference))
                {
                    Walk(part.Value, path, isSecret, referred, static (_, v) => v, refers);
                }

                return map(path, value);
            default:
                return isSecret ? map(path, value) : value;
        }
    }

    private static bool IsPlace(string path) =>
        Array.Exists(Words, w => path == w || path.EndsWith("." + w, StringComparison.Ordinal))
        || path.EndsWith("affinity.keys", StringComparison.Ordinal)
        || path.EndsWith("health.headers", StringComparison.Ordinal);

    private static IEnumerable<HoconValue> Values(HoconValue value) => value switch
    {
        HoconObject members => members.Members.SelectMany(m => Values(m.Value)),
        HoconList list => list.Items.SelectMany(Values),
        HoconOverlay overlay => Values(overlay.Below).Concat(Values(overlay.Above)),
        HoconJoined joined => joined.Parts.SelectMany(p => Values(p.Value)),
        _ => [value],
    };
}
