using System.Collections.Immutable;

namespace ActorLb.Node.Operator;

/// <summary>A member that is asked whether it keeps a decision and goes by it.</summary>
/// <param name="CanBeReached">It is waited for.</param>
/// <param name="Serves">It may have listeners open: one that leaves has closed them.</param>
/// <param name="Votes">It is one of those of whom a majority is wanted: one that joins is not yet.</param>
internal sealed record AskedNode(string Name, bool CanBeReached, bool Serves, bool Votes);

/// <summary>What the nodes have said of one decision. Pure.</summary>
internal sealed record ConfirmationState
{
    private ConfirmationState(string self) => Self = self;

    private string Self { get; }

    private ImmutableArray<AskedNode> Nodes { get; init; } = [];

    private ImmutableArray<string> Lost { get; init; } = [];

    private ImmutableDictionary<string, DecisionKept> Answers { get; init; } = ImmutableDictionary<string, DecisionKept>.Empty;

    // Who cannot be reached counts as well: a majority of the rest may be a minority.
    private bool IsByMajority => Nodes.Count(n => n.Votes && Answers.GetValueOrDefault(n.Name) is { IsOnDisk: true }) > Nodes.Count(n => n.Votes) / 2
        && CutOff.IsEmpty;

    // More are lost than are left: this is the side that is cut off, and the others serve, and go by what they decide themselves.
    private ImmutableArray<string> CutOff => Lost.Length > Nodes.Length ? Lost : [];

    /// <summary>A majority keeps it, and whoever can be reached goes by it: there is nothing more to wait for.</summary>
    public bool IsComplete => IsByMajority && Nodes.All(n => !n.CanBeReached || GoesByIt(n));

    /// <param name="self">The node that asks.</param>
    public static ConfirmationState Of(string self) => new(self);

    /// <summary>These are the members now.</summary>
    /// <param name="lost">Nodes that are no members any more and may serve all the same.</param>
    public ConfirmationState Among(IEnumerable<AskedNode> nodes, IEnumerable<string> lost) => this with { Nodes = [.. nodes], Lost = [.. lost] };

    public ConfirmationState With(DecisionKept answer) => this with { Answers = Answers.SetItem(answer.Node, answer) };

    public Confirmation Result => new(
        IsByMajority,
        Sorted(Answers.Values.Where(a => a is { IsKnown: true, IsOnDisk: false }).Select(a => a.Node)),
        Sorted((Nodes.IsEmpty ? [new AskedNode(Self, CanBeReached: true, Serves: true, Votes: true)] : Nodes).Where(n => !GoesByIt(n)).Select(n => n.Name).Concat(CutOff)));

    private bool GoesByIt(AskedNode node) => !node.Serves || Answers.GetValueOrDefault(node.Name) is { IsInForce: true };

    private static ImmutableArray<string> Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];
}
