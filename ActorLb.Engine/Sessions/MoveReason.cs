namespace ActorLb.Engine.Sessions;

/// <summary>Why a session left its backend.</summary>
public enum MoveReason : byte
{
    /// <summary>The observers call it down.</summary>
    Down,

    /// <summary>The operator took it out.</summary>
    Maintenance,

    /// <summary>Its drain's deadline has passed.</summary>
    Drained,

    /// <summary>It is no backend of the pool any more.</summary>
    Removed,

    /// <summary>This node could not connect to it, although it is up.</summary>
    Unreachable,

    /// <summary>An operator moved it alone.</summary>
    Operator,
}
