using ActorLb.Shared.Routing;

namespace ActorLb.Engine.Balancing;

/// <summary>Each in turn, by weight.</summary>
internal sealed class RoundRobinPolicy(Rotation rotation) : BalancePolicy
{
    public override int Next(RotationCursor cursor, BalanceKey key, int before) => rotation.Next(cursor);
}
