using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Names;

/// <summary>What happens to the name and to the nodes behind it.</summary>
internal enum NameCourse
{
    /// <summary>The name leads to all nodes from the start.</summary>
    There,

    /// <summary>The nodes' addresses come to the name one after another while they start.</summary>
    Growing,

    /// <summary>The name leads to addresses at which nobody is, too.</summary>
    Dead,

    /// <summary>The name does not resolve at first.</summary>
    Late,

    /// <summary>The first of two name servers is not there: each look-up takes five seconds.</summary>
    Slow,

    /// <summary>A node is killed with -9 and comes back at another address.</summary>
    Returned,

    /// <summary>A node's address is taken away and it gets another one while it runs.</summary>
    Readdressed,

    /// <summary>The nodes fall into two groups that do not hear each other.</summary>
    Cut,

    /// <summary>There is one node only, and its name never leads to another one.</summary>
    Alone,
}

/// <summary>One trial. All nodes start at the same instant in each.</summary>
/// <param name="Before">What the name server does at first; for good where the node is alone.</param>
/// <param name="Dead">Addresses of the name that are no node's.</param>
/// <param name="Node">The node that is treated otherwise than the rest.</param>
/// <param name="Seconds">How long the change takes: until the name is whole, the killed node starts, the network heals.</param>
/// <param name="Sides">Two groups that are cut from each other.</param>
/// <param name="ReturnsInCut">The node is killed in the cut, and comes back in it at another address: only the name tells the other side.</param>
internal sealed record NamePlan(
    NameCourse Course, int Nodes, DnsManner Before, string[] Dead, int Node, double Seconds, int[][] Sides, bool ReturnsInCut)
{
    private static readonly NameCourse[] Deck =
        [NameCourse.There, NameCourse.Growing, NameCourse.Dead, NameCourse.Late, NameCourse.Slow, NameCourse.Returned, NameCourse.Readdressed, NameCourse.Cut];

    private static readonly string[] DeadAddresses = [LabNetwork.SilentAddress, LabNetwork.AbsentAddress, LabNetwork.HubAddress];

    private static readonly DnsManner[] Unresolved = [DnsManner.NoSuchName, DnsManner.Fails, DnsManner.Silent];

    /// <summary>Every course once in random order, and again.</summary>
    /// <param name="only">The course of all; null for each in turn.</param>
    public static IEnumerable<NamePlan> Draw(int trials, (int Min, int Max) nodes, NameCourse? only, Random random)
    {
        var deck = new List<NameCourse>();
        for (int i = 0; i < trials; i++)
        {
            if (deck.Count == 0)
            {
                NameCourse[] fresh = [.. Deck];
                random.Shuffle(fresh);
                deck.AddRange(fresh);
            }

            yield return Draw(only ?? deck[0], random.Next(nodes.Min, nodes.Max + 1), i, random);
            deck.RemoveAt(0);
        }
    }

    /// <summary>What distinguishes it from other trials of its course.</summary>
    public string Details() => Course switch
    {
        NameCourse.Growing => $"over {Seconds:F1} s",
        NameCourse.Dead => DeadInWords(),
        NameCourse.Late => $"{MannerInWords()} for {Seconds:F1} s",
        NameCourse.Slow => "the second server answers",
        NameCourse.Returned => $"{NodeName}, after {Seconds:F1} s",
        NameCourse.Readdressed => NodeName,
        NameCourse.Cut => $"{string.Join(" and ", Sides.Select(s => string.Concat(s.Select(n => (char)('a' + n)))))}, {Seconds:F0} s{(ReturnsInCut ? $", {NodeName} returns elsewhere" : "")}",
        NameCourse.Alone => Before == DnsManner.Answers ? Dead.Length == 0 ? "the name leads to it" : DeadInWords() : MannerInWords(),
        _ => "",
    };

    private string NodeName => $"{(char)('a' + Node)}";

    private static NamePlan Draw(NameCourse course, int nodes, int number, Random random)
    {
        int node = random.Next(nodes);
        string[] dead = [.. DeadAddresses];
        random.Shuffle(dead);
        var plan = new NamePlan(course, nodes, DnsManner.Answers, [], node, 0, [], false);
        return course switch
        {
            NameCourse.Growing => plan with { Seconds = 1 + (4 * random.NextDouble()) },
            NameCourse.Dead => plan with { Dead = dead[..random.Next(1, 4)] },

            // Shorter than form-after with its look-up, and much longer.
            NameCourse.Late => plan with { Before = Unresolved[random.Next(Unresolved.Length)], Seconds = 1 + (14 * random.NextDouble()) },
            NameCourse.Returned => plan with { Seconds = 8 * random.NextDouble() },
            NameCourse.Cut => Cut(plan, random),
            NameCourse.Alone => Alone(plan, dead, number),
            _ => plan,
        };
    }

    private static NamePlan Cut(NamePlan plan, Random random)
    {
        int[] order = [.. Enumerable.Range(0, plan.Nodes)];
        random.Shuffle(order);
        int first = random.Next(1, plan.Nodes);
        return plan with
        {
            Sides = [[.. order[..first].Order()], [.. order[first..].Order()]],
            Seconds = random.Next(8, 13),
            ReturnsInCut = random.Next(2) == 0,
        };
    }

    // In turns, so that few trials show all of them.
    private static NamePlan Alone(NamePlan plan, string[] dead, int number)
    {
        DnsManner?[] turns = [DnsManner.Answers, null, .. Unresolved];
        return plan with
        {
            Nodes = 1,
            Node = 0,
            Before = turns[number % turns.Length] ?? DnsManner.Answers,
            Dead = turns[number % turns.Length] is null ? dead : [],
        };
    }

    private string MannerInWords() => Before switch
    {
        DnsManner.NoSuchName => "NXDOMAIN",
        DnsManner.Fails => "SERVFAIL",
        _ => "no answer",
    };

    private string DeadInWords() => string.Join(", ", Dead.Select(d =>
        d == LabNetwork.SilentAddress ? "lost packets" : d == LabNetwork.AbsentAddress ? "no host" : "refusing"));
}
