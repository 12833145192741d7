namespace ActorLb.Chaos.Browsers;

/// <summary>Of a client without cookies: the balancer's ticket comes in a field of its answers and goes back in the same field.</summary>
internal sealed class TicketHeaderJar(string pool, string field) : SessionJar
{
    private readonly Lock _lock = new();
    private string? _ticket;
    private string? _session;

    public override string Pool => pool;

    public override Presented Present()
    {
        lock (_lock)
        {
            return _ticket is null ? Presented.Nothing : new Presented(field, _ticket, _session);
        }
    }

    public override string? Take(AnswerFields fields, Presented sent)
    {
        if (fields.Value(field) is not { } ticket)
        {
            return null;
        }

        string session = Tickets.SessionOf(ticket);
        lock (_lock)
        {
            session = session == _session ? _session : session;
            (_ticket, _session) = (ticket, session);
        }

        return session;
    }
}
