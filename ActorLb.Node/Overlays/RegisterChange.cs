using ActorLb.Shared.Backends;

namespace ActorLb.Node.Overlays;

/// <summary>An operator's decision about one backend, with the one that it replaced. Immutable.</summary>
/// <param name="Before">Null: there was none.</param>
/// <param name="After">Null: none is left, and the backend is as it is written.</param>
internal sealed record RegisterChange(BackendName Backend, BackendRegister? Before, BackendRegister? After);
