namespace ActorLb.Chaos.Browsers;

/// <summary>The balancer's cookie, as a browser keeps it: what came last counts. A jar may be told to lose it, or to send an old one beside it.</summary>
/// <param name="now">Seconds.</param>
internal sealed class TicketCookieJar(Func<double> now) : SessionJar
{
    /// <summary>Tickets say in whole seconds when they were issued: of two, it must be clear which is the later one.</summary>
    private const double SecondsBetween = 2;

    private readonly Lock _lock = new();
    private string? _ticket;
    private string? _session;
    private string? _oldTicket;
    private string? _oldSession;
    private double _takenAt;

    public override Presented Present()
    {
        lock (_lock)
        {
            return _ticket is null ? Presented.Nothing : new Presented("Cookie", $"{Tickets.CookiePrefix}{_ticket}", _session);
        }
    }

    /// <summary>
    /// The ticket of the session before beside that of now, as browsers send them that keep one for a host and one for its domain.
    /// Where there was none before, the same twice.
    /// </summary>
    /// <param name="oldFirst">In which order.</param>
    public Presented PresentTwo(bool oldFirst)
    {
        lock (_lock)
        {
            if (_ticket is null)
            {
                return Presented.Nothing;
            }

            (string now, string old) = ($"{Tickets.CookiePrefix}{_ticket}", $"{Tickets.CookiePrefix}{_oldTicket ?? _ticket}");
            return new Presented("Cookie", oldFirst ? $"{old}; {now}" : $"{now}; {old}", _session, _oldSession);
        }
    }

    /// <summary>The cookie is gone, and what it held is the one of before; unless it came only just now.</summary>
    public void Drop()
    {
        lock (_lock)
        {
            if (_ticket is not null && now() - _takenAt > SecondsBetween)
            {
                (_oldTicket, _oldSession, _ticket, _session) = (_ticket, _session, null, null);
            }
        }
    }

    public override string? Take(AnswerFields fields, Presented sent)
    {
        if (fields.Cookie(Tickets.Cookie) is not { } ticket)
        {
            return null;
        }

        string session = Tickets.SessionOf(ticket);
        lock (_lock)
        {
            // One text for one session: histories are long.
            session = session == _session ? _session : session == _oldSession ? _oldSession! : session;
            if (session == _session || (session != _oldSession && (_session is null || sent.Session == _session)))
            {
                (_ticket, _session, _takenAt) = (ticket, session, now());
            }
        }

        return session;
    }
}
