using System.Collections.Immutable;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Dashboard;

/// <summary>What is happening, over all nodes? To the node's FiguresActor, answered by <see cref="GatheredFigures"/>.</summary>
internal sealed record GatherFigures
{
    public static readonly GatherFigures Instance = new();
}

/// <param name="Nodes">Who answered, this node first.</param>
/// <param name="Silent">Members that can be reached and did not answer within a second.</param>
internal sealed record GatheredFigures(ImmutableArray<FiguresAtNode> Nodes, ImmutableArray<string> Silent);

/// <summary>What is happening at the node? Answered by <see cref="FiguresAtNode"/>.</summary>
internal sealed record AskFigures
{
    public static readonly AskFigures Instance = new();
}

/// <param name="Admin">Where a browser finds its dashboard, as far as the node knows: a URL; empty: it has none.</param>
/// <param name="ProcessorPermille">Of one core.</param>
/// <param name="Clients">Open connections of clients.</param>
/// <param name="Sees">The other members, as this one sees them.</param>
/// <param name="Strained">Backends of which there is more to say than their verdict.</param>
/// <param name="Figures">Of subjects of which anything happened in the last ten seconds.</param>
internal sealed record FiguresAtNode(
    string Node,
    string Version,
    string Admin,
    DateTimeOffset StartedAt,
    int ProcessorPermille,
    long MemoryBytes,
    int Clients,
    ImmutableArray<SeenMember> Sees,
    ImmutableArray<StrainedBackend> Strained,
    ImmutableArray<FigureReading> Figures)
{
    /// <summary>Open connections of clients at each.</summary>
    public ImmutableArray<OpenListener> Listeners { get; init; } = [];

    /// <summary>That the node shows to somebody, and that are not good now or not for long. Of one from another node, what was loaded is not known.</summary>
    public ImmutableArray<CertificateInUse> Certificates { get; init; } = [];

    /// <summary>Nothing of it is told by a node of an earlier version.</summary>
    public NodeStanding Standing { get; init; } = NodeStanding.Well;
}

internal readonly record struct OpenListener(string Name, int Open);

/// <param name="Status">As members are told: joining, up, leaving, exiting, down.</param>
internal readonly record struct SeenMember(string Node, string Status, bool Reachable);

/// <summary>What one node has of a backend beside its verdict.</summary>
/// <param name="Waiting">Requests in its queue.</param>
/// <param name="Held">Requests of sessions that live there, until the verdict.</param>
/// <param name="Circuit">Why it is open; empty: it is closed.</param>
/// <param name="Ejects">No new sessions of the node go there because of it.</param>
/// <param name="Since">When it was opened.</param>
internal sealed record StrainedBackend(BackendName Backend, int Waiting, int Held, string Circuit, bool Ejects, DateTimeOffset Since);

/// <summary>What happened of a subject, over all nodes? To the node's FiguresActor, answered by <see cref="GatheredSlots"/>.</summary>
/// <param name="Slots">What each node is asked.</param>
internal sealed record GatherSlots(AskSlots Slots);

/// <param name="Nodes">Who answered, this node first.</param>
internal sealed record GatheredSlots(AskSlots Asked, ImmutableArray<SlotsAtNode> Nodes, ImmutableArray<string> Silent);

/// <summary>What happened of a subject? Answered by <see cref="SlotsAtNode"/>.</summary>
/// <param name="Seconds">Of a slot: 1 or 10.</param>
/// <param name="Last">The second in which the last slot ends, since 1970.</param>
internal sealed record AskSlots(FigureSubject Subject, int Seconds, long Last, int Count)
{
    /// <summary>A day of ten seconds each.</summary>
    public const int CountMax = FigureRings.CoarseOfOthers;
}

/// <param name="Slots">As many as were asked for, or none where nothing is known.</param>
/// <param name="Since">From when on the node has counted, and keeps it; null: one of an older version, which does not say.</param>
internal sealed record SlotsAtNode(string Node, ImmutableArray<Figure> Slots, DateTimeOffset? Since);

/// <summary>Which requests failed last at a backend, over all nodes? To the node's FiguresActor, answered by <see cref="GatheredFailures"/>.</summary>
internal sealed record GatherFailures(AskFailures Asked);

/// <param name="Nodes">Who answered, this node first.</param>
internal sealed record GatheredFailures(ImmutableArray<FailuresAtNode> Nodes, ImmutableArray<string> Silent);

/// <summary>Which requests failed last at a backend? Answered by <see cref="FailuresAtNode"/>.</summary>
internal sealed record AskFailures(BackendName Backend);

/// <param name="Last">The latest first.</param>
internal sealed record FailuresAtNode(string Node, ImmutableArray<FailureNote> Last);

/// <summary>Somebody logged out of the dashboard: his cookie is good nowhere. From node to node.</summary>
/// <param name="Ends">When it would be too old.</param>
internal sealed record DashboardSessionEnded(string Id, DateTimeOffset Ends);

/// <summary>To all other nodes that can be reached. To the node's FiguresActor.</summary>
internal sealed record TellSessionEnded(DashboardSessionEnded Ended);
