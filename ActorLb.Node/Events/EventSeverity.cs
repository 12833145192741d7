namespace ActorLb.Node.Events;

/// <summary>How much an operator should mind.</summary>
internal enum EventSeverity
{
    /// <summary>As it should be.</summary>
    Info,

    /// <summary>Somebody should know of it; clients are served.</summary>
    Warning,

    /// <summary>Something does not work.</summary>
    Error,
}
