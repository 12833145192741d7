namespace ActorLb.Engine.Lanes;

/// <summary>A listener asks for a lane that this system, or its pools, do not allow.</summary>
public sealed class LaneUnavailableException(string listener, string reason)
    : Exception($"listener '{listener}' cannot use engine = epoll: {reason}")
{
    /// <summary>Below actorlb.</summary>
    public string Key { get; } = $"listeners.{listener}.engine";
}
