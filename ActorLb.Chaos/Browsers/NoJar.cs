namespace ActorLb.Chaos.Browsers;

/// <summary>Of a client that never sends anything back.</summary>
internal sealed class NoJar : SessionJar
{
    public override Presented Present() => Presented.Nothing;

    public override string? Take(AnswerFields fields, Presented sent) => fields.Cookie(Tickets.Cookie) is { } ticket ? Tickets.SessionOf(ticket) : null;
}
