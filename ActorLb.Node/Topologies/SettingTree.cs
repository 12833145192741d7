using System.Collections.Immutable;

namespace ActorLb.Node.Topologies;

/// <summary>Settings by their keys: lines of its own, and parts that come and go as a whole (a pool, a backend, a listener).</summary>
/// <param name="Key">Empty for all.</param>
/// <param name="Summary">The part in one line, for who is told that it came or went.</param>
internal sealed record SettingTree(
    string Key,
    string Summary,
    ImmutableArray<SettingLine> Lines,
    ImmutableArray<SettingList> Lists,
    ImmutableArray<SettingTree> Parts)
{
    /// <summary>All of it, parts included, in their order.</summary>
    public IEnumerable<SettingLine> AllLines => Lines.Concat(Parts.SelectMany(p => p.AllLines));

    /// <inheritdoc cref="AllLines"/>
    public IEnumerable<SettingList> AllLists => Lists.Concat(Parts.SelectMany(p => p.AllLists));
}

/// <summary>Settings whose order says something.</summary>
/// <param name="IsOrder">The items are names of parts, and their order alone is told here.</param>
internal sealed record SettingList(string Key, ImmutableArray<string> Items, bool IsOrder);
