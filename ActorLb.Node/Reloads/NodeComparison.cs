using System.Collections.Immutable;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Reloads;

/// <summary>How another member stands to what is in force here.</summary>
internal enum ComparisonOutcome
{
    /// <summary>It goes by the same, in all that nodes should have in common.</summary>
    Same,
    Differs,

    /// <summary>It did not answer.</summary>
    Silent,

    /// <summary>It cannot be reached, and was not asked.</summary>
    Unreachable,
}

/// <summary>What is in force at one member, against what is in force here. Holds no secret.</summary>
/// <param name="Revision">By which it goes; 0: by its files.</param>
/// <param name="Differences">Old: here, New: there. The first of them.</param>
/// <param name="More">How many there are beside.</param>
internal sealed record NodeComparison(
    string Node, ComparisonOutcome Outcome, uint Fingerprint, long Revision, ImmutableArray<SettingDifference> Differences, int More)
{
    public const int DifferencesMax = 100;

    internal static NodeComparison Without(string node, ComparisonOutcome outcome) => new(node, outcome, 0, 0, [], 0);
}

/// <summary>What do you have that is not so here? From a node that was asked; answered by <see cref="PartsTold"/>.</summary>
/// <param name="Marks">Of its parts, as <see cref="SharedParts.MarkOf"/> says them.</param>
internal sealed record AskParts(ImmutableArray<ulong> Marks);

/// <param name="Parts">That are not so at the asker, the first of them.</param>
/// <param name="Missing">That the asker has and this node has not, by <see cref="SharedParts.KeyOf"/>.</param>
/// <param name="More">Parts that differ and are not told.</param>
internal sealed record PartsTold(
    string Node, uint Fingerprint, long Revision, ImmutableArray<SettingTree> Parts, ImmutableArray<uint> Missing, int More)
{
    /// <summary>Lines and items of lists of all parts: a message between nodes is bounded, and nobody reads more.</summary>
    public const int LinesMax = 1000;

    /// <summary>Pools, backends and listeners of a topology.</summary>
    public const int MarksMax = 200_000;

    /// <summary>Items of a list whose order alone is told.</summary>
    private const int OrderMax = 100;

    /// <summary>What this node answers.</summary>
    public static PartsTold Of(string node, TopologyState state, AskParts asked)
    {
        ImmutableArray<SettingTree> own = SharedParts.Of(state);
        HashSet<ulong> marks = [.. asked.Marks];
        HashSet<uint> keys = [.. own.Select(SharedParts.KeyOf)];
        SettingTree[] differ = [.. own.Where(p => !marks.Contains(SharedParts.MarkOf(p)))];
        var told = new List<SettingTree>();
        int left = LinesMax;
        foreach (SettingTree part in differ.Select(p => p with { Lists = [.. p.Lists.Where(l => !l.IsOrder || l.Items.Length <= OrderMax)] }))
        {
            int lines = 1 + part.Lines.Length + part.Lists.Sum(l => l.Items.Length);
            if (lines <= left)
            {
                left -= lines;
                told.Add(part);
            }
        }

        uint[] missing = [.. asked.Marks.Select(m => (uint)(m >> 32)).Where(k => !keys.Contains(k))];
        return new PartsTold(
            node,
            state.Fingerprint,
            state.Revision?.Number ?? 0,
            [.. told],
            [.. missing.Take(LinesMax)],
            differ.Length - told.Count + Math.Max(0, missing.Length - LinesMax));
    }

    /// <summary>What it comes to at the asker.</summary>
    public NodeComparison Against(ImmutableArray<SettingTree> own, uint fingerprint)
    {
        ImmutableArray<SettingDifference> all = SharedParts.Between(own, Parts, Missing.ToHashSet());
        ImmutableArray<SettingDifference> first = [.. all.Take(NodeComparison.DifferencesMax)];

        // What is not shown may be all in which they differ.
        int more = More + all.Length - first.Length + (all.IsEmpty && More == 0 && Fingerprint != fingerprint ? 1 : 0);
        return new NodeComparison(Node, all.IsEmpty && more == 0 ? ComparisonOutcome.Same : ComparisonOutcome.Differs, Fingerprint, Revision, first, more);
    }
}
