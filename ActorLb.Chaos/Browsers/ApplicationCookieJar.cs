namespace ActorLb.Chaos.Browsers;

/// <summary>
/// The application's own cookie, as a browser keeps it: the balancer has to learn it. The application may give it another value, as at a
/// login; it is the same session all the same.
/// </summary>
/// <param name="session">How the history calls it.</param>
internal sealed class ApplicationCookieJar(string pool, string cookie, string session) : SessionJar
{
    private volatile string? _value;

    public override string Pool => pool;

    public override Presented Present() => _value is { } value ? new Presented("Cookie", $"{cookie}={value}", session) : Presented.Nothing;

    public override string? Take(AnswerFields fields, Presented sent)
    {
        if (fields.Cookie(cookie) is not { } value)
        {
            return null;
        }

        _value = value;
        return session;
    }
}
