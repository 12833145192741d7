using System.Collections.Immutable;
using System.Text;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Routing;

/// <summary>What the director keeps for one sticky pool: its table, cookie, codec and verified tickets.</summary>
internal sealed class PoolAffinity
{
    /// <summary>Seconds by which nodes' times may differ.</summary>
    private const uint AheadMax = 600;

    private readonly KeysInForce _shared;
    private readonly SessionFeed _notices;
    private readonly SessionCounters _counters;
    private readonly string _cluster;
    private readonly uint _renewalSeconds;
    private Keyed _keyed;

    /// <param name="shared">Of all pools that have none of their own.</param>
    /// <param name="cluster">Its name, for which alone tickets are good.</param>
    /// <param name="mixesSchemes"><see cref="Topology.MixesSchemes"/>, of which the cookie's attributes depend.</param>
    public PoolAffinity(
        PoolSettings settings,
        BindingTable table,
        LearnedSessions learned,
        KeysInForce shared,
        SessionFeed notices,
        SessionCounters counters,
        string cluster,
        bool mixesSchemes)
    {
        _shared = shared;
        _notices = notices;
        _counters = counters;
        _cluster = cluster;
        Pool = settings.Name;
        Settings = settings.Affinity;
        MixesSchemes = mixesSchemes;
        LearnedCookie = settings.Affinity.Mode == AffinityMode.Learn ? Encoding.ASCII.GetBytes(settings.Affinity.LearnedCookie) : null;
        Dropped = LearnedCookie is null ? null : new DroppedCookie(settings.Affinity.LearnedCookie, settings.Affinity.LearnedPath);
        Learned = learned;
        Unknown = new UnknownValues(LearnedCookie is null ? 1 : UnknownValues.Most);
        Questions = new OwnerQuestions(LearnedCookie is null ? 1 : OwnerQuestions.Most);
        Firsts = settings.Affinity.FirstBurst > TimeSpan.Zero ? new FirstSessions(settings.Affinity.FirstBurst) : null;
        _keyed = KeyedBy(shared.Now, null);
        Table = table;
        Cookie = new TicketCookie(settings.Affinity.Cookie, mixesSchemes);
        Header = settings.Affinity.Mode == AffinityMode.Header ? new TicketField(settings.Affinity.Header) : null;
        _renewalSeconds = RenewalSeconds(settings.Affinity);
        Verified = new VerifiedTickets(settings.Affinity.HasTickets ? settings.Affinity.MaxSessions : 1);
    }

    public string Pool { get; }

    public AffinitySettings Settings { get; }

    public bool MixesSchemes { get; }

    public BindingTable Table { get; }

    /// <summary>What tickets travel in where there is no <see cref="Header"/>.</summary>
    public TicketCookie Cookie { get; }

    /// <summary>Null: tickets travel in cookies.</summary>
    public TicketField? Header { get; }

    /// <summary>Bytes of the longest lines that bring a ticket.</summary>
    public int TicketLinesBytesMax => Header?.LinesBytesMax ?? Cookie.LinesBytesMax;

    public VerifiedTickets Verified { get; }

    /// <summary>The name of the application's cookie; null: clients have tickets.</summary>
    public byte[]? LearnedCookie { get; }

    /// <summary>Has a client drop that cookie; null: clients have tickets.</summary>
    internal DroppedCookie? Dropped { get; }

    /// <summary>Sessions of clients that have not sent that cookie back yet.</summary>
    public LearnedSessions Learned { get; }

    /// <summary>What first requests of one address and agent share; null: those of one connection alone do.</summary>
    public FirstSessions? Firsts { get; }

    /// <summary>What their owners did not know a moment ago.</summary>
    public UnknownValues Unknown { get; }

    /// <summary>For how many sessions of a client they are asked.</summary>
    public OwnerQuestions Questions { get; }

    /// <summary>The codec of the keys in force; made anew when the ring was replaced.</summary>
    public TicketCodec Codec => InForce.Codec;

    /// <summary>What the values of <see cref="LearnedCookie"/> are named by.</summary>
    public ValueNames Values => InForce.Values;

    /// <summary>An answer can bring a ticket.</summary>
    public bool CanIssue => LearnedCookie is null && Codec.CanSeal;

    private Keyed InForce
    {
        get
        {
            Keyed keyed = Volatile.Read(ref _keyed);
            TicketKeyRing shared = _shared.Now;
            if (!ReferenceEquals(keyed.Shared, shared) && Settings.UsesSharedKeys)
            {
                keyed = KeyedBy(shared, keyed);
                Volatile.Write(ref _keyed, keyed);
            }

            return keyed;
        }
    }

    /// <summary>
    /// The session that a presented text names: a ticket, or, where the application's cookie is learned, its value. False: there is
    /// no such session, or the text is no genuine ticket of this pool.
    /// </summary>
    public bool TryName(string presented, out SessionId session)
    {
        session = default;
        if (LearnedCookie is null)
        {
            Span<byte> ticket = stackalloc byte[TicketCodec.TicketBytes];
            if (!TicketCodec.TryRead(presented, ticket) || !Codec.TryOpen(ticket, TicketCodec.ClaimOf(ticket), out Binding opened))
            {
                return false;
            }

            session = opened.Id;
            return true;
        }

        byte[] value = Encoding.Latin1.GetBytes(presented.Trim('"'));
        ValueNames names = Values;
        for (int i = 0; i < names.Count; i++)
        {
            session = names.Of(i, value);
            if (Table.TryGet(session, out _) || Learned.TryGet(session, out _))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Notes what this node has taken from a ticket, or decided alone, and tells the session's owner.</summary>
    public void Adopt(in Binding binding)
    {
        Table.Note(binding);
        _notices.Offer(new SessionNotice(Pool, binding, SessionNoticeKind.Adopted));
        _counters.SessionAdopted();
    }

    /// <summary>A known session is used: noted, and told to its owner, where that is an eighth of the timeout after the last time.</summary>
    public void Touch(in Binding binding, uint now)
    {
        if ((ulong)binding.LastSeen + (ulong)(Settings.IdleTimeout / 8).TotalSeconds < now)
        {
            Binding seen = binding.Seen(now);
            Table.Note(seen);
            _notices.Offer(new SessionNotice(Pool, seen, SessionNoticeKind.Touched));
        }
    }

    /// <summary>The ticket is so old that the next answer carries a fresh one, or was issued by a clock that was wrong.</summary>
    public bool IsDue(in TicketClaim ticket, uint now) =>
        (ulong)ticket.IssuedAt + _renewalSeconds <= now || ticket.IssuedAt > (ulong)now + AheadMax;

    // A quarter of whichever ends the session first: it, or the browser's cookie. That one leaves before its time rather
    // than after it, since both ends of its age are cut to whole seconds here.
    private static uint RenewalSeconds(AffinitySettings affinity)
    {
        double idle = Math.Floor(affinity.IdleTimeout.TotalSeconds / 4) + 1;
        return (uint)(affinity.Cookie.MaxAge is { } age ? Math.Min(idle, Math.Floor(age.TotalSeconds / 4)) : idle);
    }

    // Names outlive keys, and what is remembered of them with them.
    private Keyed KeyedBy(TicketKeyRing shared, Keyed? before)
    {
        TicketKeyRing rooted = shared.Rooted();
        ValueNames values = before is not null && before.Roots.AsSpan().SequenceEqual(rooted.Roots.AsSpan())
            ? before.Values
            : LearnedCookie is null ? new ValueNames([], Pool, _cluster, 1)
            : new ValueNames(rooted.Roots, Pool, _cluster, Settings.MaxSessions);
        return new Keyed(shared, new TicketCodec(Settings.KeysWith(shared), Pool, _cluster), rooted.Roots, values);
    }

    private sealed record Keyed(TicketKeyRing Shared, TicketCodec Codec, ImmutableArray<TicketKey> Roots, ValueNames Values);
}
