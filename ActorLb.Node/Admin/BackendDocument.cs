using ActorLb.Node.Overlays;

namespace ActorLb.Node.Admin;

/// <summary>What <c>POST …/backends</c>, <c>DELETE …/{id}</c> and <c>PUT …/{id}/weight</c> answer.</summary>
/// <param name="Overlay">What the operator's decision makes of it: added, weight, removed, or none where it is as it is written.</param>
/// <param name="Weight">Null where it is removed.</param>
/// <param name="Deadline">Of one that is removed: when the sessions that are left move; null: when they have ended, or as <see cref="Moving"/> says.</param>
/// <param name="Version">Which decision on this backend it is; 0 where there is none.</param>
/// <param name="Node">The node that took it.</param>
/// <param name="Unchanged">It was so already: nothing was decided.</param>
/// <param name="Confirmed">A majority of the nodes has it on disk. False: it holds here and spreads (202).</param>
/// <param name="NotOnDisk">Nodes at which it holds, but would not after a restart: they cannot write their files.</param>
/// <param name="NotInForce">Members that have not said that they go by it (202): what they send may still be as before.</param>
public sealed record BackendDocument(
    string Pool,
    string Backend,
    string Overlay,
    string? Address,
    int? Weight,
    DateTimeOffset? Deadline,
    long Version,
    string Node,
    bool Unchanged,
    bool Confirmed,
    IReadOnlyList<string> NotOnDisk,
    IReadOnlyList<string> NotInForce)
{
    /// <summary>What was decided of its state before: ready, draining or maintenance.</summary>
    public string Operator { get; init; } = "ready";

    /// <summary>It takes new sessions only while no other backend of the pool does.</summary>
    public bool Backup { get; init; }

    /// <summary>It is removed, and no other backend of the pool takes new sessions now: it goes on, and cannot be gone before one does.</summary>
    public bool NobodyElse { get; init; }

    /// <summary>Of one that is removed: how its sessions leave; null: each when it ends, and the rest at the deadline.</summary>
    public MovingDocument? Moving { get; init; }

    public static BackendDocument Of(BackendsChanged changed, ChangedBackend backend) => new(
        backend.Backend.Pool,
        backend.Backend.Id,
        Word(backend.Kind),
        backend.Address?.GetLeftPart(UriPartial.Authority),
        backend.Weight,
        backend.Moves is null ? backend.Deadline : null,
        backend.Version,
        changed.Node,
        changed.IsUnchanged,
        changed.ByMajority,
        changed.NotOnDisk,
        changed.NotInForce)
    {
        Backup = backend.IsBackup,
        Moving = MovingDocument.Of(backend.Moves),
    };

    public static string Word(OverlayKind kind) => kind switch
    {
        OverlayKind.Added => "added",
        OverlayKind.Weight => "weight",
        OverlayKind.Removed => "removed",
        _ => "none",
    };
}

/// <summary>What <c>DELETE /api/v1/overlays</c> answers.</summary>
/// <param name="Backends">That are as they are written again, or leave because they are not written.</param>
/// <param name="Ready">Whose drain or maintenance is over, as pool/backend.</param>
/// <param name="Confirmed">A majority of the nodes has all of it on disk.</param>
internal sealed record ResetDocument(
    IReadOnlyList<BackendDocument> Backends,
    IReadOnlyList<string> Ready,
    bool Confirmed,
    IReadOnlyList<string> NotOnDisk,
    IReadOnlyList<string> NotInForce);
