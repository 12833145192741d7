using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Overlays;

/// <summary>What operators decided about one backend at run time, as one value: whoever decides anew replaces all of it. Immutable.</summary>
/// <param name="Version">One more than the one that it replaces.</param>
/// <param name="Node">That took the last decision.</param>
/// <param name="At">When, by the time that the nodes agree on.</param>
internal sealed record BackendRegister(BackendName Backend, long Version, string Node, DateTimeOffset At)
{
    /// <summary>Where it is, for one that was added; null: it was not.</summary>
    public Uri? Address { get; init; }

    /// <summary>1 to 256; null: as it is written, and 1 for one that was added.</summary>
    public int? Weight { get; init; }

    /// <summary>Of one that was added: it takes new sessions only while no other backend does.</summary>
    public bool IsBackup { get; init; }

    /// <summary>Null: it was not removed.</summary>
    public BackendRemoval? Removal { get; init; }

    /// <summary>What was written when it was decided; null: nothing was.</summary>
    public WrittenBackend? Below { get; init; }

    public BackendOverlay Overlay => new()
    {
        Weight = Weight,
        Added = Address is null ? null : new BackendSettings(Backend.Id, Address, Weight ?? 1) { IsBackup = IsBackup },
        Removal = Removal,
    };
}

/// <summary>A backend as a file has it.</summary>
/// <param name="Address">As scheme://host:port.</param>
internal sealed record WrittenBackend(string Address, int Weight)
{
    /// <summary>Null: it is not listed there.</summary>
    public static WrittenBackend? Of(Topology written, BackendName backend) =>
        written.Pools.GetValueOrDefault(backend.Pool)?.Backends.FirstOrDefault(b => b.Id == backend.Id) is { } listed
            ? new WrittenBackend(listed.Address.GetLeftPart(UriPartial.Authority), listed.Weight)
            : null;
}
