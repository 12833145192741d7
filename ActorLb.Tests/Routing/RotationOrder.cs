using ActorLb.Shared.Routing;

namespace ActorLb.Tests.Routing;

internal static class RotationOrder
{
    /// <summary>Backend indices in the order of their turns, until it repeats.</summary>
    public static int[] WholeOrder(this Rotation rotation) => [.. Enumerable.Range(0, rotation.Length).Select(turn => rotation.At((ulong)turn))];
}
