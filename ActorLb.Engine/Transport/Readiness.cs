namespace ActorLb.Engine.Transport;

[Flags]
internal enum Readiness : byte
{
    None = 0,
    Readable = 1,
    Writable = 2,

    /// <summary>The peer sends no more; it may still read.</summary>
    PeerEnded = 4,

    /// <summary>Both directions are over, or the connection broke.</summary>
    Broken = 8,
}

/// <summary>What is new of one registered socket.</summary>
/// <param name="Tag">As registered: slot and generation, so that news of a closed socket reach nobody.</param>
internal readonly record struct ReadyEvent(ulong Tag, Readiness Readiness);
