using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>The ticket keys that nodes share, as they are now: replaced whole, by the control plane. Any thread.</summary>
internal sealed class KeysInForce
{
    private TicketKeyRing _now = TicketKeyRing.Empty;

    public TicketKeyRing Now
    {
        get => Volatile.Read(ref _now);
        set => Volatile.Write(ref _now, value);
    }
}
