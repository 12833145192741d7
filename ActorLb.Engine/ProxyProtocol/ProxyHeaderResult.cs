namespace ActorLb.Engine.ProxyProtocol;

internal enum ProxyHeaderStatus : byte
{
    /// <summary>What is there may be the beginning of a header. Nothing is consumed.</summary>
    NeedMore,
    Complete,
    Rejected,
}

/// <summary>What the first bytes of a connection are.</summary>
/// <param name="Consumed">Bytes of a complete header: the client's own begin behind them.</param>
/// <param name="Client">Null where a complete header names none: the proxy speaks for itself, or does not say for whom.</param>
internal readonly record struct ProxyHeaderResult(ProxyHeaderStatus Status, int Consumed, ProxyHeaderFault Fault, AnnouncedClient? Client)
{
    public static readonly ProxyHeaderResult NeedMore;

    public bool IsComplete => Status == ProxyHeaderStatus.Complete;

    public static ProxyHeaderResult Complete(int consumed, AnnouncedClient? client = null) => new(ProxyHeaderStatus.Complete, consumed, ProxyHeaderFault.None, client);

    public static ProxyHeaderResult Rejected(ProxyHeaderFault fault) => new(ProxyHeaderStatus.Rejected, 0, fault, null);
}
