using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Traffic;

/// <summary>A session left its backend. Immutable.</summary>
/// <param name="From">May be none of the pool's any more.</param>
internal sealed record Departure(BackendKey From, MoveReason Reason);
