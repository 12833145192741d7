using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Traffic;

/// <summary>What the director keeps for one sticky pool: its table, cookie, codec and verified tickets.</summary>
internal sealed class PoolAffinity
{
    private readonly DataPlane _plane;
    private readonly TicketKeyRing? _configured;
    private TicketCodec _codec;

    public PoolAffinity(DataPlane plane, PoolSettings settings)
    {
        _plane = plane;
        _configured = settings.Affinity.Keys.IsEmpty ? null : TicketKeyRing.Configured(settings.Affinity.Keys);
        _codec = new TicketCodec(_configured ?? plane.Keys, settings.Name);
        Pool = settings.Name;
        Settings = settings.Affinity;
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
            TicketCodec codec = Volatile.Read(ref _codec);
            TicketKeyRing ring = _configured ?? _plane.Keys;
            if (ReferenceEquals(codec.Ring, ring))
            {
                return codec;
            }

            codec = new TicketCodec(ring, Pool);
            Volatile.Write(ref _codec, codec);
            return codec;
        }
    }
}
