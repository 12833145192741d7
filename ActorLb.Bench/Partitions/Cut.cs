namespace ActorLb.Bench.Partitions;

/// <summary>What is done to the nodes of a trial.</summary>
internal enum CutKind
{
    /// <summary>The nodes fall into groups that do not hear each other.</summary>
    Groups,

    /// <summary>As groups, but the links come back and go again every second or two.</summary>
    Flapping,

    /// <summary>Packets from one node to another are lost; those in the other direction arrive.</summary>
    OneWay,

    /// <summary>Two nodes do not hear each other, and hear all others.</summary>
    Pair,

    /// <summary>One process is stopped (SIGSTOP) and goes on later.</summary>
    Pause,

    /// <summary>The oldest node, which has the shard coordinator, is killed with -9 and started again later.</summary>
    Kill,
}

/// <summary>One shape of a failure. Nodes are numbered from 0.</summary>
/// <param name="Sides">The groups; for one-way and pair two groups of one: from, to.</param>
internal sealed record Cut(CutKind Kind, int[][] Sides)
{
    private static readonly int[][] Shapes3 = [[2, 1], [1, 1, 1]];
    private static readonly int[][] Shapes4 = [[3, 1], [2, 2], [2, 1, 1]];
    private static readonly int[][] Shapes5 = [[3, 2], [2, 2, 1], [4, 1], [1, 1, 1, 1, 1]];

    /// <summary>Every shape once, in random order and with random nodes in it.</summary>
    public static IEnumerable<Cut> Deck(int nodes, Random random)
    {
        int[][] shapes = nodes switch { 3 => Shapes3, 4 => Shapes4, _ => Shapes5 };
        Cut[] cuts =
        [
            .. shapes.Select(s => new Cut(CutKind.Groups, Deal(s, nodes, random))),
            new Cut(CutKind.Flapping, Deal(shapes[0], nodes, random)),
            new Cut(CutKind.OneWay, Deal([1, 1], nodes, random)),
            new Cut(CutKind.Pair, Deal([1, 1], nodes, random)),
            new Cut(CutKind.Pause, Deal([1], nodes, random)),
            new Cut(CutKind.Kill, []),
        ];
        random.Shuffle(cuts);
        return cuts;
    }

    /// <summary>Whose packets are lost on the way to whom.</summary>
    public IEnumerable<(int From, int To)> LostLinks()
    {
        foreach (int[] from in Sides)
        {
            foreach (int[] to in Sides)
            {
                if (from == to || (Kind == CutKind.OneWay && from != Sides[0]))
                {
                    continue;
                }

                foreach (int one in from)
                {
                    foreach (int other in to)
                    {
                        yield return (one, other);
                    }
                }
            }
        }
    }

    public override string ToString()
    {
        string sides = string.Join('|', Sides.Select(s => string.Concat(s.Select(n => (char)('a' + n)))));
        return Kind switch
        {
            CutKind.Groups => $"{string.Join('|', Sides.Select(s => s.Length))} {sides}",
            CutKind.Flapping => $"flapping {sides}",
            CutKind.OneWay => $"one-way {sides.Replace("|", "->", StringComparison.Ordinal)}",
            CutKind.Pair => $"pair {sides}",
            CutKind.Pause => $"pause {sides}",
            _ => "kill oldest",
        };
    }

    private static int[][] Deal(int[] sizes, int nodes, Random random)
    {
        int[] order = [.. Enumerable.Range(0, nodes)];
        random.Shuffle(order);
        var sides = new int[sizes.Length][];
        int at = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            sides[i] = [.. order.Skip(at).Take(sizes[i]).Order()];
            at += sizes[i];
        }

        return sides;
    }
}
