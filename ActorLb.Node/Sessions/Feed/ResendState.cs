using System.Collections.Immutable;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions.Feed;

/// <summary>
/// Which provisional bindings of a pool their owners have to be told again: those that were there the last time
/// already, some at a time and all in turn. Pure.
/// </summary>
internal sealed record ResendState
{
    public static readonly ResendState Empty = new();

    private ImmutableHashSet<SessionId> Before { get; init; } = [];

    private int Offset { get; init; }

    public (ResendState Next, ImmutableArray<Binding> Due) Look(IReadOnlyCollection<Binding> provisional, int max)
    {
        if (provisional.Count == 0)
        {
            return (Empty, []);
        }

        Binding[] stuck = [.. provisional.Where(b => Before.Contains(b.Id))];
        int offset = stuck.Length <= max ? 0 : Offset % stuck.Length;
        ImmutableArray<Binding> due = [.. stuck.Skip(offset).Concat(stuck.Take(offset)).Take(max)];
        return (new ResendState { Before = [.. provisional.Select(b => b.Id)], Offset = offset + due.Length }, due);
    }
}
