using System.Globalization;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Overlays;

/// <summary>One decision of an operator against what is written.</summary>
/// <param name="Address">Of one that was added.</param>
/// <param name="Weight">That was decided; null: none was.</param>
/// <param name="WrittenAddress">Null where it is not listed.</param>
/// <param name="Deadline">Of one that is removed: when the sessions that are left move; null: when they have ended, or at once.</param>
/// <param name="Note">What an operator should know: it has no effect, or what is written has changed since. Null: nothing.</param>
/// <param name="Node">That took the decision.</param>
public sealed record OverlayReport(
    BackendName Backend,
    OverlayKind Kind,
    string? Address,
    int? Weight,
    string? WrittenAddress,
    int? WrittenWeight,
    DateTimeOffset? Deadline,
    string? Note,
    string Node,
    DateTimeOffset At,
    long Version)
{
    /// <summary>Of one that was added: it takes new sessions only while no other backend does.</summary>
    public bool IsBackup { get; init; }

    internal static OverlayReport Of(BackendRegister register, Topology written)
    {
        WrittenBackend? below = WrittenBackend.Of(written, register.Backend);
        return new OverlayReport(
            register.Backend,
            KindOf(register),
            register.Address?.GetLeftPart(UriPartial.Authority),
            register.Weight,
            below?.Address,
            below?.Weight,
            register.Removal is { Moves: null } removal ? removal.Deadline : null,
            NoteOn(register, written),
            register.Node,
            register.At,
            register.Version)
        {
            IsBackup = register.IsBackup,
        };
    }

    internal static OverlayKind KindOf(BackendRegister? register) => register switch
    {
        null => OverlayKind.None,
        { Removal: not null } => OverlayKind.Removed,
        { Address: not null } => OverlayKind.Added,
        _ => OverlayKind.Weight,
    };

    /// <summary>Null: it has its effect on what was there when it was decided.</summary>
    internal static string? NoteOn(BackendRegister register, Topology written)
    {
        if (!written.Pools.TryGetValue(register.Backend.Pool, out PoolSettings? pool))
        {
            return $"without effect: there is no pool {register.Backend.Pool}";
        }

        WrittenBackend? now = WrittenBackend.Of(written, register.Backend);
        return register switch
        {
            { Address: { } address, Removal: null } when now is not null => now.Address == address.GetLeftPart(UriPartial.Authority)
                ? "it is written as well now"
                : $"without effect: it is written now, at {now.Address}",
            { Address: not null } => null,
            _ when now is null && register.Below is not null => "without effect: it is not written any more",
            _ when now is null && pool.Names.IsEmpty => "without effect: it is not written",
            _ when now is not null && register.Below is { } then && then.Address != now.Address => $"it was written at {then.Address}, and is at {now.Address} now",
            { Weight: not null, Removal: null } when now is not null && register.Below is { } then && then.Weight != now.Weight =>
                string.Create(CultureInfo.InvariantCulture, $"it was written with weight {then.Weight}, and is with {now.Weight} now"),
            _ => null,
        };
    }
}
