using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Sessions.Rates;

/// <summary>What became of sessions in the last minute, over all nodes? To the node's SessionRatesActor, answered by <see cref="SessionRates"/>.</summary>
internal sealed record GatherSessionRates
{
    public static readonly GatherSessionRates Instance = new();
}

/// <param name="Nodes">Who answered, this node first.</param>
/// <param name="NotCounted">Members that did not answer, or cannot be reached.</param>
internal sealed record SessionRates(ImmutableArray<SessionRatesAtNode> Nodes, ImmutableArray<string> NotCounted);

/// <summary>What became of sessions at the node in the last minute? Answered by <see cref="SessionRatesAtNode"/>.</summary>
internal sealed record AskSessionRates
{
    public static readonly AskSessionRates Instance = new();
}

/// <param name="Window">How long it has counted for: about a minute, less after its start.</param>
/// <param name="Counts">One for each SessionEvent; without backends of which there is nothing to say.</param>
internal sealed record SessionRatesAtNode(string Node, TimeSpan Window, ImmutableArray<SessionsOfBackend> Counts);

/// <param name="Backend">Of an empty id: what is no backend of the pool any more.</param>
internal sealed record SessionsOfBackend(BackendName Backend, ImmutableArray<long> Counts);
