using System.Collections.Immutable;
using ActorLb.Node.Configuration;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>In which keys two topologies differ, in their order. What came or went as a whole (a pool, a backend) is one difference. Pure.</summary>
internal static class TopologyDifferences
{
    internal const string OtherSecret = "(another secret)";

    /// <summary>What is not shown, and no secret: it came from an environment, or is longer than what is told.</summary>
    private const string OtherValue = "(another value)";

    private const int NamesTold = 10;

    /// <summary>Of two topologies.</summary>
    public static ImmutableArray<SettingDifference> Between(Topology before, Topology after) =>
        before == after ? [] : Between(TopologyTree.Of(before), TopologyTree.Of(after));

    /// <summary>The same, without what others are not to see.</summary>
    internal static ImmutableArray<SettingDifference> Between(Topology before, Topology after, HiddenValues hidden) =>
    [
        .. Between(before, after).Select(d => d with
        {
            Old = d.Old is null ? null : hidden.In(d.Old),
            New = d.New is null ? null : hidden.In(d.New),
        }),
    ];

    /// <summary>Of what holds for as long as a node runs.</summary>
    public static ImmutableArray<SettingDifference> OfStatic(NodeSettings started, NodeSettings read) =>
        Between(StaticTree.Of(started), StaticTree.Of(read));

    internal static ImmutableArray<SettingDifference> Between(SettingTree before, SettingTree after)
    {
        var found = ImmutableArray.CreateBuilder<SettingDifference>();
        Compare(before, after, found);
        return found.ToImmutable();
    }

    private static void Compare(SettingTree before, SettingTree after, ImmutableArray<SettingDifference>.Builder found)
    {
        Dictionary<string, SettingLine> lines = before.Lines.ToDictionary(l => l.Key);
        foreach (SettingLine line in after.Lines)
        {
            lines.Remove(line.Key, out SettingLine? old);
            if (old != line)
            {
                found.Add(new SettingDifference(line.Key, old?.Text, old?.Text != line.Text ? line.Text : line.Text.Contains(SettingTreeBuilder.SecretText, StringComparison.Ordinal) ? OtherSecret : OtherValue));
            }
        }

        found.AddRange(lines.Values.Select(gone => new SettingDifference(gone.Key, gone.Text, null)));
        Dictionary<string, SettingTree> parts = before.Parts.ToDictionary(p => p.Key);
        foreach (SettingTree part in after.Parts)
        {
            if (parts.Remove(part.Key, out SettingTree? old))
            {
                Compare(old, part, found);
            }
            else
            {
                found.Add(new SettingDifference(part.Key, null, part.Summary));
            }
        }

        found.AddRange(parts.Values.Select(gone => new SettingDifference(gone.Key, gone.Summary, null)));
        Dictionary<string, SettingList> lists = before.Lists.ToDictionary(l => l.Key);
        foreach (SettingList list in after.Lists)
        {
            ImmutableArray<string> old = lists.TryGetValue(list.Key, out SettingList? known) ? known.Items : [];
            found.AddRange(list.IsOrder ? InOrder(list.Key, old, list.Items) : SequenceDifferences.Between(list.Key, old, list.Items));
        }
    }

    // Who came and who went is told for itself.
    private static IEnumerable<SettingDifference> InOrder(string key, ImmutableArray<string> before, ImmutableArray<string> after)
    {
        string[] old = [.. before.Where(after.ToHashSet().Contains)];
        string[] now = [.. after.Where(before.ToHashSet().Contains)];
        if (!old.SequenceEqual(now))
        {
            yield return new SettingDifference($"{key} (order)", Names(old), Names(now));
        }
    }

    private static string Names(string[] names) =>
        $"[{string.Join(", ", names.Take(NamesTold))}{(names.Length > NamesTold ? ", …" : "")}]";
}
