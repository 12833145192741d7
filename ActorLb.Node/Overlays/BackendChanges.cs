using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Overlays;

/// <summary>An operator wants another backend, fewer, or another weight, over what is written. To the node's OverlayActor, answered by <see cref="BackendsChanged"/>.</summary>
internal abstract record BackendChange
{
    /// <summary>The operator, in words for people; null: that is not known. Part of no decision: this message leaves no node.</summary>
    public string? Who { get; init; }
}

/// <param name="Address">Scheme http or https, host and port.</param>
/// <param name="Weight">1 to 256; null: 1.</param>
internal sealed record AddBackend(BackendName Backend, Uri Address, int? Weight) : BackendChange
{
    /// <summary>Whether it takes new sessions only while no other backend does; null: as it is, and not for one that is new.</summary>
    public bool? IsBackup { get; init; }

    public override string ToString() =>
        $"add {Backend} at {Address.GetLeftPart(UriPartial.Authority)}, weight {Weight ?? 1}{(IsBackup == true ? ", as a backup" : "")}";
}

/// <summary>It drains and is gone then.</summary>
/// <param name="DrainFor">How long its sessions may stay; null: as long as the pool's settings say.</param>
/// <param name="Now">Its sessions move at once.</param>
internal sealed record RemoveBackend(BackendName Backend, TimeSpan? DrainFor, bool Now) : BackendChange
{
    public override string ToString() => $"remove {Backend}{(Now ? ", its sessions move now" : DrainFor is { } longest ? $", its sessions may stay for {longest}" : "")}";
}

/// <param name="Weight">1 to 256.</param>
internal sealed record WeighBackend(BackendName Backend, int Weight) : BackendChange
{
    public override string ToString() => $"give {Backend} weight {Weight}";
}

/// <summary>What was decided of these is not any more: what is written counts. One that was added drains and is gone then.</summary>
/// <param name="Pool">Null: of all.</param>
/// <param name="Id">Null: all of the pool.</param>
internal sealed record ResetBackends(string? Pool, string? Id) : BackendChange
{
    public override string ToString() => $"drop what was decided of {(Pool is null ? "all backends" : Id is null ? $"the backends of {Pool}" : new BackendName(Pool, Id).ToString())}";
}

/// <summary>
/// It holds here and wherever <see cref="NotInForce"/> does not say otherwise, and is on disk at a majority unless
/// <paramref name="ByMajority"/> is false (it then spreads later).
/// </summary>
/// <param name="Overlays">Each backend that was decided on, as it is now.</param>
public sealed record BackendsChanged(ImmutableArray<ChangedBackend> Overlays, bool ByMajority)
{
    /// <summary>The node that took it.</summary>
    public required string Node { get; init; }

    /// <summary>It was so already: nothing was decided.</summary>
    public bool IsUnchanged { get; init; }

    /// <summary>Nodes at which it holds, but would not after a restart.</summary>
    public ImmutableArray<string> NotOnDisk { get; init; } = [];

    /// <summary>Members that have not said that they go by it: what they send may still be as before.</summary>
    public ImmutableArray<string> NotInForce { get; init; } = [];
}

/// <param name="Address">Null where it is not known: it is written at other nodes, or a name leads there.</param>
/// <param name="Deadline">Of one that is removed: when the sessions that are left move.</param>
public sealed record ChangedBackend(BackendName Backend, OverlayKind Kind, Uri? Address, int? Weight, DateTimeOffset? Deadline, long Version)
{
    /// <summary>It takes new sessions only while no other backend does.</summary>
    public bool IsBackup { get; init; }

    /// <summary>Of one that is removed: how its sessions leave before that; null: each when it ends.</summary>
    public SessionMoves? Moves { get; init; }
}

/// <summary>What an operator's decision makes of a backend.</summary>
public enum OverlayKind
{
    /// <summary>Nothing: it is as it is written.</summary>
    None,

    /// <summary>It is there, and was not written.</summary>
    Added,

    /// <summary>It has another weight.</summary>
    Weight,

    /// <summary>It leaves, or has left.</summary>
    Removed,
}

/// <summary>What an operator wants of a backend cannot be. The message is for people.</summary>
/// <param name="problem">Its name in the admin API.</param>
internal sealed class BackendChangeException(string problem, string detail) : Exception(detail)
{
    public string Problem { get; } = problem;
}
