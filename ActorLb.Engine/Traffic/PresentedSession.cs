using System.Text;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Traffic;

/// <summary>Which session of a pool what a client presents belongs to, for operators: nothing is counted, noted or kept in use by it.</summary>
public static class PresentedSession
{
    /// <param name="text">
    /// A ticket, or the value of the application's cookie where that is learned; or <c>name=value</c>, a whole Cookie or Set-Cookie field with
    /// or without its name, or a line of the field in which the pool's tickets travel; also as curl prints it, behind an arrow.
    /// </param>
    public static PresentedSessionResult Find(PoolSnapshot pool, string text) => pool.Affinity switch
    {
        null => new PresentedSessionResult(PresentedSessionKind.Unreadable),
        { LearnedCookie: { } name } affinity => Learned(affinity, name, ValueOf(text, affinity.Header)),
        { } affinity => Ticket(affinity, ValueOf(text, affinity.Header)),
    };

    private static string ValueOf(string line, TicketField? header)
    {
        string text = line.Trim();
        text = text.StartsWith("< ", StringComparison.Ordinal) || text.StartsWith("> ", StringComparison.Ordinal) ? text[2..].TrimStart() : text;
        int colon = text.IndexOf(':');
        string name = colon < 0 ? "" : text[..colon].TrimEnd();
        bool isField = name.Equals("Cookie", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase)
            || (header is not null && name.Equals(header.Name, StringComparison.OrdinalIgnoreCase));
        return isField ? text[(colon + 1)..].Trim() : text;
    }

    private static PresentedSessionResult Ticket(PoolAffinity affinity, string text)
    {
        var tickets = new PresentedTickets(stackalloc byte[PresentedTickets.BufferBytes]);
        affinity.Cookie.Find(text, ref tickets);
        if (tickets.Count == 0)
        {
            int colon = affinity.Header is null ? -1 : text.IndexOf(':');
            tickets.Add(text.AsSpan(colon + 1).Trim().Trim('"'), secure: false);
        }

        Binding? found = null;
        for (int i = 0; i < tickets.Count; i++)
        {
            if (affinity.Codec.TryOpen(tickets[i], TicketCodec.ClaimOf(tickets[i]), out Binding carried))
            {
                if (found is { } other && other.Id != carried.Id)
                {
                    return new PresentedSessionResult(PresentedSessionKind.Several);
                }

                found = found is { } same ? Binding.Merge(same, carried) : carried;
            }
        }

        return found is { } genuine ? new PresentedSessionResult(PresentedSessionKind.Genuine) { Id = genuine.Id, Carried = genuine }
            : new PresentedSessionResult(tickets.Count == 0 ? PresentedSessionKind.Unreadable : PresentedSessionKind.NotGenuine);
    }

    // A value carries nothing: what it names is known here, or nobody can say whether it is one.
    private static PresentedSessionResult Learned(PoolAffinity affinity, ReadOnlySpan<byte> name, string text)
    {
        SessionId? found = null;
        bool isNamed = false;
        foreach (ReadOnlySpan<byte> value in new CookieValues(Encoding.Latin1.GetBytes(text), name))
        {
            isNamed = true;
            if (affinity.TryName(Encoding.Latin1.GetString(value), out SessionId id))
            {
                if (found is { } other && other != id)
                {
                    return new PresentedSessionResult(PresentedSessionKind.Several);
                }

                found = id;
            }
        }

        if (!isNamed && affinity.TryName(text.Trim(), out SessionId alone))
        {
            found = alone;
        }

        return found is not { } session ? new PresentedSessionResult(PresentedSessionKind.NotGenuine)
            : new PresentedSessionResult(PresentedSessionKind.Genuine)
            {
                Id = session,
                Carried = !affinity.Table.TryGet(session, out _) && affinity.Learned.TryGet(session, out Binding learned) ? learned : null,
            };
    }
}

/// <param name="Kind">What the text is.</param>
public readonly record struct PresentedSessionResult(PresentedSessionKind Kind)
{
    /// <summary>Of a genuine one.</summary>
    public SessionId Id { get; init; }

    /// <summary>Where its session lived when a ticket was issued, and that time; null where nothing says it but the tables.</summary>
    public Binding? Carried { get; init; }
}

/// <summary>What a text is to a pool.</summary>
public enum PresentedSessionKind
{
    /// <summary>Nothing in it has a ticket's form.</summary>
    Unreadable,

    /// <summary>It has the form, and was signed by nobody here, or for another pool; or it is a value that this node does not know.</summary>
    NotGenuine,

    /// <summary>What is presented is of several sessions.</summary>
    Several,

    /// <summary>A ticket that was signed here, which may be too old; or a value that is known.</summary>
    Genuine,
}
