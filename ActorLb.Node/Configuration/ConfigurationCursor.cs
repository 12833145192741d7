using ActorLb.Node.Configuration.Formats;
using ActorLb.Node.Configuration.Hocon;

namespace ActorLb.Node.Configuration;

/// <summary>Null where the text was read; else what is wrong with it.</summary>
internal delegate string? TextReader<T>(string text, out T value);

/// <summary>
/// A place in the configuration: knows its path and where it was written, gives typed values, records what is wrong.
/// It remembers what it was asked for, so a key that no reader asks for is an unknown one. After a mistake it answers
/// with placeholders and stays silent about what follows from it.
/// </summary>
internal sealed class ConfigurationCursor
{
    private readonly ConfigurationFindings _findings;
    private readonly Layer[] _layers;
    private readonly Dictionary<string, ConfigurationCursor> _asked = new(StringComparer.Ordinal);
    private readonly List<ConfigurationCursor> _items = [];
    private bool _silent;

    /// <summary>One place that may have the value; the first layer that has it is right.</summary>
    private readonly record struct Layer(string Path, HoconOrigin Origin, HoconValue Value);

    private ConfigurationCursor(
        ConfigurationFindings findings, string path, HoconOrigin origin, IEnumerable<Layer> layers, bool silent, bool isUnset = false)
    {
        _findings = findings;
        _layers = [.. Visible(layers)];
        bool written = _layers.Length > 0 && !IsDefault;
        Path = written ? _layers[0].Path : path;
        Origin = written ? _layers[0].Origin : origin;
        IsUnset = isUnset;
        _silent = silent || (_layers.Length > 0 && _layers[0].Value is HoconUnknown);
    }

    /// <summary>Dotted, with list indices, as in actorlb.pools.web.backends[1].weight.</summary>
    public string Path { get; }

    /// <summary>Where the operator wrote it, or the nearest thing around it that he wrote: there it has to be changed.</summary>
    public HoconOrigin Origin { get; }

    /// <summary>Whether any layer has a value here.</summary>
    public bool Exists => _layers.Length > 0;

    /// <summary>Whether the value is still the reference's own.</summary>
    public bool IsDefault => Exists && _layers[0].Origin.File == ReferenceConfiguration.Name;

    /// <summary>The key is written and refers to what may be missing, and is: so it is as if it were not written there.</summary>
    public bool IsUnset { get; }

    /// <summary>Whether a mistake is known already, so that what follows from the value means nothing.</summary>
    public bool IsWrong => _silent;

    /// <summary>Whether a mistake is known here or below.</summary>
    public bool HasMistakes => _silent || _items.Exists(i => i.HasMistakes) || _asked.Values.Any(a => a.HasMistakes);

    public bool IsText => Exists && _layers[0].Value is HoconText;

    public bool IsObject => Exists && _layers[0].Value is HoconObject;

    /// <summary>The deepest place on the way to a key below this one that anybody asked for.</summary>
    /// <param name="path">Dotted, from here.</param>
    public ConfigurationCursor Nearest(string path)
    {
        foreach ((string key, ConfigurationCursor asked) in _asked)
        {
            if (path.StartsWith(key, StringComparison.Ordinal) && (path.Length == key.Length || path[key.Length] is '.' or '['))
            {
                return asked.Nearest(path[key.Length..].TrimStart('.'));
            }
        }

        return this;
    }

    /// <summary>The value of a key. Asking makes the key a known one.</summary>
    public ConfigurationCursor this[string key] => _asked.TryGetValue(key, out ConfigurationCursor? asked) ? asked : Ask(key, []);

    public static ConfigurationCursor Root(HoconObject root, string key, ConfigurationFindings findings)
    {
        HoconMember? member = root.Find(key);
        return new ConfigurationCursor(
            findings, key, member?.Origin ?? root.Origin, member is null ? [] : [new Layer(key, member.Origin, member.Value)], silent: false);
    }

    /// <summary>The keys that the operator named; none where this is no object.</summary>
    public IEnumerable<string> Names => IsObject ? ((HoconObject)_layers[0].Value).Members.Select(m => m.Key) : [];

    /// <summary>The keys of all layers, for objects whose keys are the operator's own.</summary>
    public IReadOnlyList<string> NamesOfAllLayers()
    {
        ExpectObject();
        return IsObject ? [.. _layers.SelectMany(l => ((HoconObject)l.Value).Members.Select(m => m.Key)).Distinct(StringComparer.Ordinal)] : [];
    }

    /// <summary>All keys that the operator named, each over the same defaults; none where this is no object.</summary>
    public IEnumerable<(string Name, ConfigurationCursor Value)> Members(ConfigurationCursor defaults)
    {
        ExpectObject();
        return [.. Names.Select(name => (name, Ask(name, defaults._layers)))];
    }

    /// <summary>The values of a list; none where it is no list.</summary>
    /// <param name="defaults">Under each value that is an object.</param>
    public IReadOnlyList<ConfigurationCursor> Items(ConfigurationCursor? defaults = null)
    {
        if (!Exists || _layers[0].Value is not HoconList list)
        {
            Refuse(Exists ? "this is no list" : "a value is missing", "a list in square brackets");
            return [];
        }

        _items.AddRange(list.Items.Select((item, i) => new ConfigurationCursor(
            _findings,
            $"{Path}[{i}]",
            item.Origin,
            [new Layer($"{Path}[{i}]", item.Origin, item), .. defaults?._layers ?? []],
            _silent)));
        return _items;
    }

    /// <summary>The texts of a list, or of one text with commas: an environment variable can hold no list.</summary>
    public IReadOnlyList<ConfigurationCursor> ItemsOrWords()
    {
        if (!IsText)
        {
            return Items();
        }

        string[] words = ((HoconText)_layers[0].Value).Text.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. words.Select((word, i) => new ConfigurationCursor(
                _findings, Path, Origin, [new Layer($"{Path}[{i}]", Origin, new HoconText(Origin, word))], _silent)),
        ];
    }

    /// <summary>Any text. Null, and a mistake, where there is none.</summary>
    public string? Text(string expected)
    {
        if (IsText)
        {
            return ((HoconText)_layers[0].Value).Text;
        }

        Refuse(Exists ? $"this is {Kind(_layers[0].Value)}" : "a value is missing", expected);
        return null;
    }

    /// <summary>What the reader makes of the text; the placeholder, and a mistake, where it makes nothing of it.</summary>
    public T As<T>(TextReader<T> reader, string expected, T placeholder)
    {
        if (Text(expected) is not { } text)
        {
            return placeholder;
        }

        if (reader(text, out T value) is not { } problem)
        {
            return value;
        }

        Refuse(problem, expected);
        return placeholder;
    }

    /// <summary>This is wrong in a way that the value alone does not show. Of an object, what is in it is still checked.</summary>
    public void Complain(string problem, string expected)
    {
        if (!_silent)
        {
            _findings.Mistake(Origin, Path, problem, expected);
        }

        _silent |= !IsObject;
    }

    /// <summary>This is probably not meant.</summary>
    public void Warn(string problem, string advice)
    {
        if (!_silent)
        {
            _findings.Warn(Origin, Path, problem, advice);
        }
    }

    /// <summary>
    /// Of keys that do not go together, the one to tell it at: the first that the operator wrote. Null where none is his, or
    /// where one has a mistake, since then the value that was compared is a placeholder.
    /// </summary>
    public static ConfigurationCursor? ToBlame(params ConfigurationCursor[] keys) => keys.Any(k => k.HasMistakes)
        ? null
        : keys.FirstOrDefault(k => k.Exists && !k.IsDefault);

    /// <summary>Whether a reader has asked for this key.</summary>
    public bool Knows(string key) => _asked.ContainsKey(key);

    /// <summary>Nobody reads this, and nothing in it is a mistake.</summary>
    public void Ignore() => _silent = true;

    /// <summary>Records every key, here and below, that no reader has asked for. Once, after all reading.</summary>
    public void RefuseUnknownKeys()
    {
        foreach (ConfigurationCursor item in _items)
        {
            item.RefuseUnknownKeys();
        }

        if (!IsObject || _silent)
        {
            return;
        }

        foreach (Layer layer in _layers)
        {
            foreach (HoconMember member in ((HoconObject)layer.Value).Members.Where(m => !_asked.ContainsKey(m.Key)))
            {
                string expected = _findings.IsFull ? ""
                    : NearestName.Of(member.Key, _asked.Keys) is { } nearest ? $"'{nearest}'"
                    : "one of " + string.Join(", ", _asked.Keys.Order(StringComparer.Ordinal));
                _findings.Mistake(member.Origin, Join(layer.Path, member.Key), "unknown key", expected);
            }
        }

        foreach (ConfigurationCursor asked in _asked.Values)
        {
            asked.RefuseUnknownKeys();
        }
    }

    private void Refuse(string problem, string expected)
    {
        Complain(problem, expected);
        _silent = true;
    }

    private ConfigurationCursor Ask(string key, IEnumerable<Layer> defaults)
    {
        ExpectObject();
        var found = new List<Layer>();
        (string Path, HoconOrigin Origin)? unset = null;
        foreach (Layer layer in _layers)
        {
            if (layer.Value is not HoconObject members)
            {
                continue;
            }

            if (unset is null && members.UnsetAt(key) is { } at)
            {
                unset = (Join(layer.Path, key), at);
            }

            if (members.Find(key) is { } member)
            {
                found.Add(new Layer(Join(layer.Path, key), member.Origin, member.Value));
            }
        }

        (string path, HoconOrigin origin) = unset ?? (Join(Path, key), Origin);
        return _asked[key] = new ConfigurationCursor(_findings, path, origin, found.Concat(defaults), _silent, unset is not null);
    }

    private void ExpectObject()
    {
        if (Exists && !IsObject)
        {
            Refuse($"this is {Kind(_layers[0].Value)}", "keys and values in curly braces");
        }
    }

    // A value that is no object hides what lies under it; objects show their lower layers through.
    private static IEnumerable<Layer> Visible(IEnumerable<Layer> layers)
    {
        bool first = true;
        foreach (Layer layer in layers)
        {
            if (layer.Value is HoconObject || first)
            {
                yield return layer;
            }

            if (layer.Value is not HoconObject)
            {
                yield break;
            }

            first = false;
        }
    }

    private static string Join(string path, string key) =>
        key.AsSpan().ContainsAny(".[] \"") || key.Length == 0 ? $"{path}.\"{key}\"" : $"{path}.{key}";

    private static string Kind(HoconValue value) => value switch
    {
        HoconObject => "an object",
        HoconList => "a list",
        _ => "a text",
    };
}
