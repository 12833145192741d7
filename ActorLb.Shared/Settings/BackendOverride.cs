using ActorLb.Shared.Sessions;

namespace ActorLb.Shared.Settings;

/// <summary>What operators decided at run time about a backend that its pool does not list: an address of a name, or one that leaves.</summary>
public sealed record BackendOverride(string Id)
{
    /// <summary>1 to 256; null: that of its name.</summary>
    public int? Weight { get; init; }

    /// <summary>It is no backend any more and drains, also where a name leads to it; null: it is one.</summary>
    public BackendRemoval? Removal { get; init; }
}

/// <summary>An operator removed a backend: it drains, and is gone then. Times are of the time that the nodes agree on.</summary>
/// <param name="Deadline">When the sessions that are left move, and what is open there is closed; null: when they have ended.</param>
/// <param name="Moves">When its sessions leave before that; null: each when it ends.</param>
/// <param name="Version">Of the decision on this backend.</param>
/// <param name="Node">That took it.</param>
public sealed record BackendRemoval(DateTimeOffset At, DateTimeOffset? Deadline, SessionMoves? Moves, long Version, string Node);
