using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Balancing;

/// <summary>A backend that takes new sessions, as policies see it.</summary>
/// <param name="Place">In its pool, from 0.</param>
/// <param name="Weight">Of its turns now, above 0: lower than the others' during slow start.</param>
/// <param name="Gate">Says how many requests this node has there.</param>
internal readonly record struct Candidate(int Place, BackendKey Key, int Weight, BackendGate Gate);
