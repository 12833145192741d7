using ActorLb.Shared.Sessions;
using Akka.DistributedData;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>The ticket keys as distributed data carries them. A key is lost only when no ticket can carry it any more.</summary>
internal sealed record TicketKeyData(TicketKeyRing Ring) : IReplicatedData<TicketKeyData>
{
    public static readonly TicketKeyData Empty = new(TicketKeyRing.Empty);

    /// <summary>The update that merges a ring into this node's copy; gossip takes it to the others.</summary>
    public static Update Adding(TicketKeyRing ring) =>
        Dsl.Update(TicketKeyDataKey.Instance, Empty, WriteLocal.Instance, data => data.Merge(new TicketKeyData(ring)));

    public TicketKeyData Merge(TicketKeyData other)
    {
        TicketKeyRing merged = Ring.Merge(other.Ring);
        return ReferenceEquals(merged, Ring) ? this : new TicketKeyData(merged);
    }

    IReplicatedData IReplicatedData.Merge(IReplicatedData other) => Merge((TicketKeyData)other);

    /// <summary>Shows how many there are; the secrets stay out of logs.</summary>
    public override string ToString() => $"{Ring.Keys.Length} ticket keys";
}

/// <summary>The one name under which the ticket keys are shared.</summary>
internal sealed class TicketKeyDataKey : Key<TicketKeyData>
{
    public static readonly TicketKeyDataKey Instance = new();

    private TicketKeyDataKey()
        : base("ticket-keys")
    {
    }
}
