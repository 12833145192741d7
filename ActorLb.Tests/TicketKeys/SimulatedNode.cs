using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Shared.Sessions;

namespace ActorLb.Tests.TicketKeys;

/// <summary>One node of a <see cref="KeySimulation"/>: what its actor keeps, its distributed data and its disk.</summary>
internal sealed class SimulatedNode(string name)
{
    public string Name => name;

    public long Uid { get; set; }

    public long Age { get; set; }

    public int Group { get; set; }

    public TicketKeyState State { get; set; } = TicketKeyState.Empty;

    public KeyHandOverState HandOver { get; set; } = KeyHandOverState.Empty;

    public TicketKeyRing Replica { get; set; } = TicketKeyRing.Empty;

    public TicketKeyRing Disk { get; set; } = TicketKeyRing.Empty;

    public bool Settled => State.Settled;
}
