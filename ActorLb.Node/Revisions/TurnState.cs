using System.Collections.Immutable;

namespace ActorLb.Node.Revisions;

/// <summary>One change that wants its turn.</summary>
/// <param name="Node">The node that takes it; it asks for one at a time.</param>
/// <param name="Number">Tells it from the node's others.</param>
internal readonly record struct TurnRequest(string Node, long Number);

/// <summary>
/// Whose turn it is to take a change to the cluster, as the node sees it that gives out the turns: one after the other, in the order
/// in which they were asked for. A node has one place, so there are no more than members. What becomes of a revision does
/// not depend on it: two that keep turns by different views of the members only stand in each other's way. Pure.
/// </summary>
/// <param name="Until">Of <see cref="TurnState"/>'s own clock: when the turn is over, whether or not its holder said so.</param>
internal sealed record TurnState(TurnRequest? Holder, TimeSpan Until, ImmutableArray<TurnRequest> Waiting)
{
    /// <summary>A change takes a tenth of a second; whoever takes longer than one may has died in it.</summary>
    public static readonly TimeSpan HoldMax = RevisionApply.Longest - RevisionApply.WaitMax + TimeSpan.FromSeconds(1);

    public static readonly TurnState Free = new(null, default, []);

    /// <summary>Asked again, it keeps its place; another one of the same node takes the place of the one before.</summary>
    public TurnState Asked(TurnRequest request, TimeSpan now)
    {
        if (Has(request))
        {
            return Over(now).Next(now);
        }

        TurnState others = Only(r => r.Node != request.Node).Over(now);
        return (others with { Waiting = others.Waiting.Add(request) }).Next(now);
    }

    /// <summary>It was its turn and is over, or it does not want it any more.</summary>
    public TurnState Ended(TurnRequest request, TimeSpan now) => Only(r => r != request).Next(now);

    /// <summary>Those of other nodes are gone with them, and one that lasts too long is over.</summary>
    public TurnState Among(IReadOnlySet<string> nodes, TimeSpan now) => Only(r => nodes.Contains(r.Node)).Over(now).Next(now);

    public bool Has(TurnRequest request) => Holder == request || Waiting.Contains(request);

    private TurnState Only(Func<TurnRequest, bool> stays) => this with
    {
        Holder = Holder is { } holder && stays(holder) ? holder : null,
        Waiting = Waiting.All(stays) ? Waiting : [.. Waiting.Where(stays)],
    };

    private TurnState Over(TimeSpan now) => Holder is not null && now >= Until ? this with { Holder = null } : this;

    private TurnState Next(TimeSpan now) => Holder is null && !Waiting.IsEmpty
        ? new TurnState(Waiting[0], now + HoldMax, Waiting.RemoveAt(0))
        : this;
}
