using System.Collections.Immutable;
using ActorLb.Node.Configuration.Hocon;

namespace ActorLb.Node.Configuration;

/// <summary>
/// The secrets that a configuration holds as they are, and not by <c>${…}</c>: passwords, keys of tickets, fields of probes, what
/// these refer to, and what stands beside actorlb and nothing that is shown refers to. Where the text is shown, a place holder that names
/// the key stands for each, and where such a text is given back, each keeps what is stored under the key that it names. Pure.
/// </summary>
internal static class WrittenSecrets
{
    private const string Begin = "<kept: ";
    private const char End = '>';

    /// <summary>No key of tickets, but the word for those that the nodes share.</summary>
    private const string SharedWord = "shared";

    private const string RootKey = "actorlb";

    private static readonly string[] Words = ["password", "client-password", "token", "secret", "secrets"];

    /// <summary>The same with place holders.</summary>
    public static HoconObject Hidden(HoconObject written) =>
        SecretPlaces.Of(written).Map(written, (place, value) => place.IsSecret && IsSecret(value) ? new HoconText(value.Origin, $"{Begin}{place.Path}{End}") : value);

    /// <summary>Each secret by the key that its place holder names.</summary>
    public static ImmutableDictionary<string, HoconValue> Of(HoconObject written) => Of(written, SecretPlaces.Of(written));

    /// <summary>With what is stored in the place of each place holder.</summary>
    /// <param name="stored">What is in force; null where nothing is known of it.</param>
    /// <param name="findings">Hears of place holders for which nothing is stored, or that stand where no secret does.</param>
    public static HoconObject Kept(HoconObject written, HoconObject? stored, ConfigurationFindings findings)
    {
        SecretPlaces before = stored is null ? SecretPlaces.None : SecretPlaces.Of(stored);
        ImmutableDictionary<string, HoconValue> secrets = stored is null ? ImmutableDictionary<string, HoconValue>.Empty : Of(stored, before);
        SecretPlaces places = SecretPlaces.Of(written);
        HoconObject kept = places.Map(written, (place, value) =>
        {
            if (NameOf(value) is not { } name || (!place.IsSecret && name != place.Path))
            {
                return value;
            }

            string? problem = !secrets.TryGetValue(name, out HoconValue? secret) ? $"nothing is stored under {name}, which this place holder is to keep"
                : name != place.Path && KindOf(name) != KindOf(place.Path) ? $"what is stored under {name} is a secret of another kind"
                : place.CanBeRead && !before.CanBeRead(name) ? $"what is stored under {name} is a secret, and something refers to it that can be read"
                : null;
            if (problem is null)
            {
                foreach (HoconText text in Values(secret!).OfType<HoconText>())
                {
                    findings.Hide(text.Text, $"{Begin}{name}{End}");
                }

                return secret!;
            }

            findings.Mistake(value.Origin, place.IsOwn ? $"{RootKey}.{place.Path}" : place.Path, problem, "the secret itself, or ${NAME} from the environment");
            return new HoconUnknown(value.Origin);
        });
        foreach (HoconValue misplaced in Values(kept).Where(v => NameOf(v) is not null))
        {
            findings.Mistake(misplaced.Origin, "", "a place holder for a secret stands where none belongs", "a value; place holders are for passwords, affinity.keys and health.headers, and for what they refer to");
        }

        return kept;
    }

    /// <summary>Whether a key is one of secrets by its name.</summary>
    internal static bool IsPlace(string path) =>
        Array.Exists(Words, w => path == w || path.EndsWith("." + w, StringComparison.Ordinal))
        || path.EndsWith("affinity.keys", StringComparison.Ordinal)
        || path.EndsWith("health.headers", StringComparison.Ordinal);

    private static ImmutableDictionary<string, HoconValue> Of(HoconObject written, SecretPlaces places)
    {
        var all = ImmutableDictionary.CreateBuilder<string, HoconValue>();
        places.Map(written, (place, value) =>
        {
            if (place.IsSecret && IsSecret(value))
            {
                all[place.Path] = value;
            }

            return value;
        });
        return all.ToImmutable();
    }

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

    private static IEnumerable<HoconValue> Values(HoconValue value) => value switch
    {
        HoconObject members => members.Members.SelectMany(m => Values(m.Value)),
        HoconList list => list.Items.SelectMany(Values),
        HoconOverlay overlay => Values(overlay.Below).Concat(Values(overlay.Above)),
        HoconJoined joined => joined.Parts.SelectMany(p => Values(p.Value)),
        _ => [value],
    };
}
