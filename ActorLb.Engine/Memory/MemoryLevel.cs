namespace ActorLb.Engine.Memory;

/// <summary>What may still be taken in.</summary>
internal enum MemoryLevel : byte
{
    Free,

    /// <summary>No new requests.</summary>
    Full,

    /// <summary>No new connections either: each costs something before it says what it wants.</summary>
    Over,
}
