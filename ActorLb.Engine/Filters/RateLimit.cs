using System.Globalization;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Rates;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>Refuses requests that come faster than their route allows, by client, by a header or all together.</summary>
internal sealed class RateLimit : IRequestFilter
{
    private readonly RateLimitSettings _settings;
    private readonly IRateCounter _counter;
    private readonly byte[] _header;
    private long _refused;

    /// <param name="route">Whose limit it is.</param>
    public RateLimit(RateLimitSettings settings, RouteSettings route, SharesInForce shares)
    {
        _settings = settings;
        bool isOne = settings.By == RateLimitKey.Route;
        Shared = settings.IsOfCluster
            ? new ShareTable(ClusterRateKey.Of(route, settings), settings.Requests, settings.Per, settings.Burst, isOne ? ShareTable.PlacesMin : ShareTable.PlacesMax, shares)
            : null;
        _counter = (IRateCounter?)Shared ?? new RateTable(settings.Requests, settings.Per, settings.Burst, isOne ? 1 : RateTable.PlacesMax);
        _header = System.Text.Encoding.ASCII.GetBytes(settings.Header);
    }

    /// <summary>Null: each node counts for itself.</summary>
    public ShareTable? Shared { get; }

    /// <summary>Requests that were refused, since it was made.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public FilterVerdict Look(in FilteredRequest request)
    {
        TimeSpan wait = _counter.Take(KeyOf(request), request.Now);
        if (wait <= TimeSpan.Zero)
        {
            return default;
        }

        Interlocked.Increment(ref _refused);
        return new(FailureReason.RateLimited, Refusal(wait));
    }

    // Of draft-ietf-httpapi-ratelimit-headers: what is left, and in how many seconds there is more.
    private RouteAnswer Refusal(TimeSpan wait)
    {
        string seconds = Math.Ceiling(wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
        string per = Math.Ceiling(_settings.Per.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
        string policy = Shared is null ? "route" : "cluster";
        byte[] lines = RouteAnswer.LinesOf(
            ("Retry-After", seconds),
            ("RateLimit-Policy", $"\"{policy}\";q={_settings.Requests.ToString(CultureInfo.InvariantCulture)};w={per}"),
            ("RateLimit", $"\"{policy}\";r=0;t={seconds}"));
        return new RouteAnswer(0, lines, null);
    }

    // Clients that do not have the header are one.
    private ulong KeyOf(in FilteredRequest request)
    {
        switch (_settings.By)
        {
            case RateLimitKey.Route:
                return 0;
            case RateLimitKey.Header:
                foreach (ref readonly HeaderField field in request.Fields)
                {
                    if (field.NameLength == _header.Length && System.Text.Ascii.EqualsIgnoreCase(field.Name(request.Source), _header))
                    {
                        ReadOnlySpan<byte> value = field.Value(request.Source);
                        return Shared is null ? RateKey.Of(value) : ClusterRateKey.Of(value);
                    }
                }

                return 0;
            default:
                ClientKey client = ClientKey.Of(request.Client);
                return Shared is null ? RateKey.Of(client) : ClusterRateKey.Of(client);
        }
    }
}
