using ActorLb.Engine.Failures;
using ActorLb.Engine.Rates;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>
/// What a route does beside naming a pool, in the order in which it is done: who may ask and how fast, who has to be asked whether the
/// client may, the route's own answer, then what is changed in the request and in its answer. Immutable; made once for each topology.
/// </summary>
internal sealed class RouteFilters
{
    private readonly IRequestFilter[] _limits;
    private readonly RateLimit? _rate;
    private readonly IRequestFilter? _answer;

    private RouteFilters(RouteSettings route, FilterParts parts)
    {
        RouteFilterSettings settings = route.Filters;
        _rate = settings.RateLimit is { } limit ? new RateLimit(limit, route, parts.Shares) : null;
        _limits =
        [
            .. settings.Allow.Length + settings.Deny.Length > 0 ? [new AddressFilter(settings.Allow, settings.Deny)] : Array.Empty<IRequestFilter>(),
            .. _rate is not null ? [_rate] : Array.Empty<IRequestFilter>(),
        ];
        Authentication = settings.ForwardAuth is { } forward ? new ForwardAuth(forward)
            : settings.BasicAuth is { } basic ? new BasicAuth(basic, parts.Users[basic.UsersFile], parts.Passwords)
            : null;
        Rewrite = TargetRewrite.Of(settings.Rewrite);
        Request = HeaderEdits.Of(settings.RequestHeaders, settings.ForwardAuth?.CopyHeaders ?? (settings.BasicAuth is { Passes: false } ? ["Authorization"] : []));
        Response = HeaderEdits.Of(settings.ResponseHeaders, []);
        _answer = settings.Redirect is { } redirect ? new Redirect(redirect, route.Path, Response) : settings.Respond is { } respond ? new FixedAnswer(respond, Response) : null;
        ResponseTimeout = settings.ResponseTimeout;
        BodyBytesMax = settings.BodyBytesMax;
    }

    /// <summary>Its limit, where that is one of the whole cluster; null: it is not, or there is none.</summary>
    public ShareTable? SharedLimit => _rate?.Shared;

    /// <summary>Requests that its limit refused; null: it has none.</summary>
    public long? RateRefusals => _rate?.Refused;

    /// <summary>Null: nobody is asked.</summary>
    public IWaitingFilter? Authentication { get; }

    /// <summary>Null: it is as in the request.</summary>
    public TargetRewrite? Rewrite { get; }

    /// <summary>Of what backends get; null: there are none.</summary>
    public HeaderEdits? Request { get; }

    /// <summary>Of what clients get of a backend's answer; null: there are none.</summary>
    public HeaderEdits? Response { get; }

    /// <summary>What they write of their own into a request's head, in bytes.</summary>
    public int RequestBytesMax =>
        (Request?.Lines.Length ?? 0) + (Rewrite?.BytesMax ?? 0) + (Authentication is ForwardAuth ? ForwardAuth.CopiedBytesMax : 0);

    /// <summary>Null: that of the pool.</summary>
    public TimeSpan? ResponseTimeout { get; }

    /// <summary>Null: that of all requests.</summary>
    public long? BodyBytesMax { get; }

    /// <summary>Of a route; null where it does nothing but name its pool.</summary>
    public static RouteFilters? Of(RouteSettings route, FilterParts parts) =>
        route.Filters == RouteFilterSettings.None ? null : new(route, parts);

    /// <summary>Whether the client may ask at all, and now.</summary>
    public FilterVerdict Admit(in FilteredRequest request)
    {
        foreach (IRequestFilter step in _limits)
        {
            FilterVerdict verdict = step.Look(request);
            if (verdict.Failure != FailureReason.None)
            {
                return verdict;
            }
        }

        return default;
    }

    /// <summary>What the route itself has to say to one that may.</summary>
    public FilterVerdict Answer(in FilteredRequest request) =>
        _answer is not null ? _answer.Look(request)
        : Rewrite is null || Rewrite.Fits(request.Head.Target.PathAndQuery.Of(request.Source)) ? default : new(FailureReason.BadTarget);
}
