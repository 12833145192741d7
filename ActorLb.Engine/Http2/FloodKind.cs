namespace ActorLb.Engine.Http2;

/// <summary>What a connection was flooded with.</summary>
public enum FloodKind : byte
{
    None,
    Resets,
    Continuations,
    Pings,
    Settings,
    EmptyData,
    Priorities,
    WindowUpdates,
    UnknownFrames,
}
