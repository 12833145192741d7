namespace ActorLb.Chaos.Browsers;

/// <summary>
/// The application's own cookie, as a browser keeps it: the balancer has to learn it. The application may give it another value, as at a
/// login; it is the same session all the same.
/// </summary>
/// <param name="name">How the history calls its sessions, with a number behind it.</param>
internal sealed class ApplicationCookieJar(string pool, string cookie, string name) : SessionJar
{
    private readonly Lock _lock = new();
    private string? _value;
    private string? _session;
    private int _begun;

    public override string Pool => pool;

    public override Presented Present()
    {
        lock (_lock)
        {
            return _value is null ? Presented.Nothing : new Presented("Cookie", $"{cookie}={_value}", _session);
        }
    }

    // Of several first answers the first one counts: the sessions of the others never come back.
    public override string? Take(AnswerFields fields, Presented sent)
    {
        if (fields.Cookie(cookie) is not { } value)
        {
            return null;
        }

        lock (_lock)
        {
            string session = sent.Session ?? $"{name}.{++_begun}";
            if (_session is null || _session == session)
            {
                (_value, _session) = (value, session);
            }

            return session;
        }
    }
}
