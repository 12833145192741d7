using System.Collections.Immutable;

namespace ActorLb.Node.Configuration.Hocon;

/// <summary>Anything that can stand after a key, with the place where it was written.</summary>
internal abstract class HoconValue(HoconOrigin origin)
{
    public HoconOrigin Origin { get; } = origin;
}

/// <summary>Text, quoted or not; numbers, durations and switches are text until a reader asks for them.</summary>
internal sealed class HoconText(HoconOrigin origin, string text) : HoconValue(origin)
{
    public string Text { get; } = text;
}

/// <summary>Values in square brackets.</summary>
internal sealed class HoconList(HoconOrigin origin, ImmutableArray<HoconValue> items) : HoconValue(origin)
{
    public ImmutableArray<HoconValue> Items { get; } = items;
}

/// <summary>Keys and values in curly braces, in the order in which they first appear.</summary>
internal sealed class HoconObject : HoconValue
{
    private readonly OrderedDictionary<string, HoconMember> _members;
    private Dictionary<string, HoconOrigin>? _unset;

    public HoconObject(HoconOrigin origin)
        : this(origin, new OrderedDictionary<string, HoconMember>(StringComparer.Ordinal))
    {
    }

    private HoconObject(HoconOrigin origin, OrderedDictionary<string, HoconMember> members)
        : base(origin) => _members = members;

    public IEnumerable<HoconMember> Members => _members.Values;

    public HoconMember? Find(string key) => _members.GetValueOrDefault(key);

    /// <summary>The same of another place; this one is not used any more.</summary>
    public HoconObject MoveTo(HoconOrigin origin) => new(origin, _members);

    /// <summary>Only the parser, the layering and the resolver build objects.</summary>
    public void Put(HoconMember member) => _members[member.Key] = member;

    /// <summary>
    /// Where this key was written last, if nothing came of that: it refers to what may be missing, and is. What was written before, if
    /// anything, is the key's value. Null: something came of it, or it was not written. Known of resolved objects.
    /// </summary>
    public HoconOrigin? UnsetAt(string key) => _unset is not null && _unset.TryGetValue(key, out HoconOrigin origin) ? origin : null;

    /// <inheritdoc cref="UnsetAt"/>
    public void Unset(string key, HoconOrigin origin) => (_unset ??= new(StringComparer.Ordinal))[key] = origin;

    /// <summary>What is unset in the other is here.</summary>
    public void Unset(HoconObject other)
    {
        if (other._unset is { } unset)
        {
            foreach ((string key, HoconOrigin origin) in unset)
            {
                Unset(key, origin);
            }
        }
    }
}

/// <summary>One key of an object, with the place of the key.</summary>
internal sealed record HoconMember(string Key, HoconOrigin Origin, HoconValue Value);

/// <summary>A value that could not be found out. Its mistake is recorded; nothing that follows from it is reported.</summary>
internal sealed class HoconUnknown(HoconOrigin origin) : HoconValue(origin);

/// <summary>A value that is known only when all layers are: what the resolver replaces.</summary>
internal abstract class HoconUnresolved(HoconOrigin origin) : HoconValue(origin);

/// <summary><c>${path}</c>, or <c>${?path}</c> where it may be missing.</summary>
internal sealed class HoconReference(HoconOrigin origin, ImmutableArray<string> path, bool optional) : HoconUnresolved(origin)
{
    public ImmutableArray<string> Path { get; } = path;

    public bool Optional { get; } = optional;

    /// <summary>The path as it was written; also the name of the environment variable.</summary>
    public string Name { get; } = string.Join('.', path);
}

/// <summary>Several values beside each other: joined texts, joined lists or merged objects.</summary>
internal sealed class HoconJoined(HoconOrigin origin, ImmutableArray<HoconPart> parts) : HoconUnresolved(origin)
{
    public ImmutableArray<HoconPart> Parts { get; } = parts;
}

/// <summary>One of several values beside each other, and the blanks before it.</summary>
internal readonly record struct HoconPart(string Gap, HoconValue Value);

/// <summary>A value over an earlier one of the same key, where only resolving can tell what remains of the earlier.</summary>
internal sealed class HoconOverlay(HoconValue below, HoconValue above) : HoconUnresolved(above.Origin)
{
    public HoconValue Below { get; } = below;

    public HoconValue Above { get; } = above;

    /// <summary>How many lie over each other.</summary>
    public int Layers { get; } = LayersOf(below) + LayersOf(above) + 1;

    private static int LayersOf(HoconValue value) => value is HoconOverlay overlay ? overlay.Layers : 0;
}
