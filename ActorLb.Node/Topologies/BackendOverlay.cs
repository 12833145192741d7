using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>What an operator decided at run time about one backend, over whatever is written about it.</summary>
internal sealed record BackendOverlay
{
    public static readonly BackendOverlay None = new();

    /// <summary>1 to 256; null: as it is written.</summary>
    public int? Weight { get; init; }

    /// <summary>It is there although nobody wrote it. Where somebody did, what is written counts.</summary>
    public BackendSettings? Added { get; init; }

    /// <summary>It is not there although somebody wrote it, or added it; null: it is.</summary>
    public BackendRemoval? Removal { get; init; }
}
