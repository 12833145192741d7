using ActorLb.Engine.Failures;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>
/// What a route does beside naming a pool, in the order in which it is done: its steps, then what is changed in the request and in its
/// answer. Immutable; made once for each topology.
/// </summary>
internal sealed class RouteFilters
{
    private readonly IRequestFilter[] _steps;

    private RouteFilters(RouteFilterSettings settings, string path)
    {
        _steps =
        [
            .. settings.Allow.Length + settings.Deny.Length > 0 ? [new AddressFilter(settings.Allow, settings.Deny)] : Array.Empty<IRequestFilter>(),
            .. settings.RateLimit is { } limit ? [new RateLimit(limit)] : Array.Empty<IRequestFilter>(),
            .. settings.Redirect is { } redirect ? [new Redirect(redirect, path)] : Array.Empty<IRequestFilter>(),
            .. settings.Respond is { } respond ? [new FixedAnswer(respond)] : Array.Empty<IRequestFilter>(),
        ];
        Rewrite = TargetRewrite.Of(settings.Rewrite);
        Request = HeaderEdits.Of(settings.RequestHeaders);
        Response = HeaderEdits.Of(settings.ResponseHeaders);
        ResponseTimeout = settings.ResponseTimeout;
        BodyBytesMax = settings.BodyBytesMax;
    }

    /// <summary>Null: it is as in the request.</summary>
    public TargetRewrite? Rewrite { get; }

    /// <summary>Of what backends get; null: there are none.</summary>
    public HeaderEdits? Request { get; }

    /// <summary>Of what clients get of a backend's answer; null: there are none.</summary>
    public HeaderEdits? Response { get; }

    /// <summary>What they write of their own into a request's head, in bytes.</summary>
    public int RequestBytesMax => (Request?.Lines.Length ?? 0) + (Rewrite?.BytesMax ?? 0);

    /// <summary>Null: that of the pool.</summary>
    public TimeSpan? ResponseTimeout { get; }

    /// <summary>Null: that of all requests.</summary>
    public long? BodyBytesMax { get; }

    /// <summary>Of a route; null where it does nothing but name its pool.</summary>
    public static RouteFilters? Of(RouteSettings route) => route.Filters == RouteFilterSettings.None ? null : new(route.Filters, route.Path);

    /// <summary>Takes the steps until one does not let the request go on.</summary>
    public FilterVerdict Look(in FilteredRequest request)
    {
        foreach (IRequestFilter step in _steps)
        {
            FilterVerdict verdict = step.Look(request);
            if (verdict.Failure != FailureReason.None)
            {
                return verdict;
            }
        }

        return Rewrite is null || Rewrite.Fits(request.Head.Target.PathAndQuery.Of(request.Source)) ? default : new(FailureReason.BadTarget);
    }
}
