namespace ActorLb.Engine.Memory;

/// <summary>
/// What one client can make the node hold, at most and measured (docs/benchmarks.md), in either lane: it is reserved when it comes,
/// because a thousand uploads fill their buffers between two looks.
/// </summary>
internal static class MemoryShares
{
    /// <summary>A connection, whatever is on it.</summary>
    public const int Connection = 8 * 1024;

    /// <summary>A request whose answer its client may not take.</summary>
    public const int Request = 44 * 1024;

    /// <summary>One with a body, which its backend may not take.</summary>
    public const int Upload = 92 * 1024;

    /// <summary>A connection that changed its protocol holds nothing while nothing comes.</summary>
    public const int Tunnel = 4 * 1024;

    public static int Of(bool hasBody) => hasBody ? Upload : Request;
}
