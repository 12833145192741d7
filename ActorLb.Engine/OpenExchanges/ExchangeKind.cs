namespace ActorLb.Engine.OpenExchanges;

/// <summary>What an exchange that is open for long is doing.</summary>
internal enum ExchangeKind : byte
{
    /// <summary>A request that waits for its answer, or an answer that ends by itself.</summary>
    Answer,

    /// <summary>An answer that has no end of its own, such as an event stream.</summary>
    Stream,

    /// <summary>A WebSocket, or another connection that changed its protocol.</summary>
    Tunnel,
}
