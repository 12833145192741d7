using System.Collections.Immutable;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Top;

/// <summary>What the cluster does at one moment, as a node told it by <c>GET /api/v1/live</c>. Nothing in its texts is ours.</summary>
/// <param name="Troubles">Worst first.</param>
internal sealed record LivePicture(
    string Node,
    DateTimeOffset Time,
    string Cluster,
    string Version,
    long Sessions,
    LiveFigures All,
    ImmutableArray<Trouble> Troubles,
    ImmutableArray<LiveNode> Nodes,
    ImmutableArray<LiveListener> Listeners,
    ImmutableArray<LiveRoute> Routes,
    ImmutableArray<LivePool> Pools)
{
    public IEnumerable<LiveBackend> Backends => Pools.SelectMany(p => p.Backends);
}

/// <summary>What was counted in the last ten seconds.</summary>
/// <param name="P50">Milliseconds to the first byte; null: nothing was answered.</param>
internal sealed record LiveFigures(long Requests, long Failures, double? P50, double? P95, double? P99)
{
    private const double Seconds = 10;

    public double Rate => Requests / Seconds;

    /// <summary>Of a hundred; null where nobody asked and nothing failed.</summary>
    public double? FailurePercent => Requests > 0 ? Math.Min(100, 100.0 * Failures / Requests) : Failures > 0 ? 100 : null;
}

/// <param name="Figures">Null, with all below: it did not answer.</param>
/// <param name="Unheard">Members that it does not hear.</param>
internal sealed record LiveNode(
    string Name,
    string Address,
    string Status,
    bool IsReachable,
    string Configuration,
    bool Differs,
    bool ClockIsWrong,
    LiveFigures? Figures,
    string Version,
    string Admin,
    DateTimeOffset? StartedAt,
    long ProcessorPermille,
    long MemoryBytes,
    long Clients,
    ImmutableArray<string> Unheard);

internal sealed record LiveListener(string Name, string Bind, bool IsTls, long Open, LiveFigures Figures);

/// <param name="Ways">To which pools, and what went there in the last ten seconds.</param>
/// <param name="Answers">It asks no backend.</param>
internal sealed record LiveRoute(string Host, string Path, ImmutableArray<(string Pool, long Requests)> Ways, bool Answers, LiveFigures Figures);

internal sealed record LivePool(string Name, string Balance, LiveFigures Figures, ImmutableArray<LiveBackend> Backends);

/// <param name="Why">Empty where there is nothing to say.</param>
internal sealed record LiveBackend(
    string Pool,
    string Id,
    string State,
    string Operator,
    bool TakesNewSessions,
    long Weight,
    DateTimeOffset Since,
    LiveFigures Figures,
    long InFlight,
    long Tunnels,
    long Sessions,
    long SessionsToMove,
    long Waiting,
    string Why)
{
    public string Name => $"{Pool}/{Id}";

    /// <summary>What the ids of all backends of its pool end with.</summary>
    public string Ending { get; init; } = "";
}
