using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Traffic;

/// <summary>What the director keeps for one sticky pool: its table, cookie, codec and verified tickets.</summary>
internal sealed class PoolAffinity
{
    private readonly DataPlane _plane;
    private Keyed _keyed;

    public PoolAffinity(DataPlane plane, PoolSettings settings)
    {
        _plane = plane;
        Pool = settings.Name;
        Settings = settings.Affinity;
        _keyed = KeyedBy(plane.Keys);
        Table = plane.Tables[settings.Name];
        Cookie = new TicketCookie(settings.Affinity.Cookie);
        Verified = new VerifiedTickets(settings.Affinity.MaxSessions);
    }

    public string Pool { get; }

    public AffinitySettings Settings { get; }

    public BindingTable Table { get; }

    public TicketCookie Cookie { get; }

    public VerifiedTickets Verified { get; }

    /// <summary>The codec of the keys in force; made anew when the ring was replaced.</summary>
    public TicketCodec Codec
    {
        get
        {
            Keyed keyed = Volatile.Read(ref _keyed);
            TicketKeyRing shared = _plane.Keys;
            if (!ReferenceEquals(keyed.Shared, shared) && Settings.UsesSharedKeys)
            {
                keyed = KeyedBy(shared);
                Volatile.Write(ref _keyed, keyed);
            }

            return keyed.Codec;
        }
    }

    /// <summary>Notes what this node has taken from a ticket, or decided alone, and tells the session's owner.</summary>
    public void Adopt(in Binding binding)
    {
        Table.Note(binding);
        _plane.Sessions.Offer(new SessionNotice(Pool, binding, SessionNoticeKind.Adopted));
        _plane.AffinityCounters.SessionAdopted();
    }

    private Keyed KeyedBy(TicketKeyRing shared) => new(shared, new TicketCodec(Settings.KeysWith(shared), Pool));

    private sealed record Keyed(TicketKeyRing Shared, TicketCodec Codec);
}
