using System.Globalization;
using ActorLb.Node.Configuration.Hocon;

namespace ActorLb.Node.Configuration;

/// <summary>One text in a configuration, and how it stands to secrets.</summary>
/// <param name="Path">Dotted, below actorlb; of what stands beside it, from the root.</param>
/// <param name="IsOwn">Below actorlb.</param>
/// <param name="IsSecret">It is not shown.</param>
/// <param name="CanBeRead">Something refers to it whose value others see.</param>
internal readonly record struct SecretPlace(string Path, bool IsOwn, bool IsSecret, bool CanBeRead);

/// <summary>
/// Where the secrets of a configuration are, by its keys and by what refers to what. What stands beside actorlb is the operator's own, and
/// nobody knows what it is: it is shown only where something that is shown refers to it, and no secret does. Pure.
/// </summary>
internal sealed class SecretPlaces
{
    public static readonly SecretPlaces None = new();

    private const string RootKey = "actorlb";

    private readonly HashSet<string> _secret = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shown = new(StringComparer.Ordinal);

    private SecretPlaces()
    {
    }

    /// <summary>Called with each text; returns what is to stand there.</summary>
    public delegate HoconValue AtText(SecretPlace place, HoconValue value);

    public static SecretPlaces Of(HoconObject written)
    {
        var places = new SecretPlaces();
        int before;
        do
        {
            before = places._secret.Count + places._shown.Count;
            places.Map(written, static (_, value) => value);
        }
        while (places._secret.Count + places._shown.Count > before);

        return places;
    }

    public bool CanBeRead(string path) => _shown.Contains(path) || IsShown(path);

    public HoconObject Map(HoconObject written, AtText map) => (HoconObject)Walk(written, "", isOwn: false, isSecret: false, map);

    private HoconValue Walk(HoconValue value, string path, bool isOwn, bool isSecret, AtText map)
    {
        isSecret = isSecret || _secret.Contains(path);
        switch (value)
        {
            case HoconObject members:
                var mapped = new HoconObject(members.Origin);
                foreach (HoconMember member in members.Members)
                {
                    bool isRoot = path.Length == 0 && !isOwn && member.Key == RootKey;
                    string below = isRoot ? "" : path.Length == 0 ? HoconWriter.Key(member.Key) : $"{path}.{HoconWriter.Key(member.Key)}";
                    mapped.Put(member with { Value = Walk(member.Value, below, isOwn || isRoot, isSecret || WrittenSecrets.IsPlace(below), map) });
                }

                return mapped;
            case HoconList list:
                return new HoconList(list.Origin, [.. list.Items.Select((item, i) =>
                    Walk(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), isOwn, isSecret, map))]);
            case HoconOverlay overlay:
                return new HoconOverlay(Walk(overlay.Below, path + "^", isOwn, isSecret, map), Walk(overlay.Above, path, isOwn, isSecret, map));
            case HoconJoined joined when joined.Parts.Any(p => p.Value is HoconObject or HoconList):
                return new HoconJoined(joined.Origin, [.. joined.Parts.Select((part, i) => part with
                {
                    Value = Walk(part.Value, i == 0 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}+{i}"), isOwn, isSecret, map),
                })]);
            case HoconReference reference:
                Refer(reference, path, isOwn, isSecret);
                return value;
            case HoconJoined texts:
                foreach (HoconPart part in texts.Parts)
                {
                    if (part.Value is HoconReference inner)
                    {
                        Refer(inner, path, isOwn, isSecret);
                    }
                }

                return map(PlaceOf(path, isOwn, isSecret), value);
            default:
                return map(PlaceOf(path, isOwn, isSecret), value);
        }
    }

    private SecretPlace PlaceOf(string path, bool isOwn, bool isSecret) =>
        new(path, isOwn, isSecret || (!isOwn && !IsShown(path)), _shown.Contains(path) || (!isSecret && IsShown(path)));

    private void Refer(HoconReference reference, string path, bool isOwn, bool isSecret)
    {
        string name = string.Join('.', reference.Path.Select(HoconWriter.Key));
        name = name.StartsWith(RootKey + ".", StringComparison.Ordinal) ? name[(RootKey.Length + 1)..] : name;
        if (isSecret)
        {
            _secret.Add(name);
        }
        else if (isOwn || IsShown(path))
        {
            _shown.Add(name);
        }
    }

    /// <summary>Something that is shown refers to it, or to what it is in.</summary>
    private bool IsShown(string path)
    {
        for (int end = path.Length; end > 0; end = path.LastIndexOfAny(['.', '[', '^', '+'], end - 1))
        {
            if (_shown.Contains(path[..end]))
            {
                return true;
            }
        }

        return false;
    }
}
