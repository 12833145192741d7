using System.Globalization;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>Refuses requests that come faster than their route allows, by client, by a header or all together.</summary>
internal sealed class RateLimit : IRequestFilter
{
    private readonly RateLimitSettings _settings;
    private readonly RateTable _table;
    private readonly byte[] _header;

    public RateLimit(RateLimitSettings settings)
    {
        _settings = settings;
        _table = new RateTable(settings.Requests, settings.Per, settings.Burst, settings.By == RateLimitKey.Route ? 1 : RateTable.PlacesMax);
        _header = System.Text.Encoding.ASCII.GetBytes(settings.Header);
    }

    public FilterVerdict Look(in FilteredRequest request)
    {
        TimeSpan wait = _table.Take(KeyOf(request), request.Now);
        return wait <= TimeSpan.Zero ? default : new(FailureReason.RateLimited, Refusal(wait));
    }

    // Of draft-ietf-httpapi-ratelimit-headers: what is left, and in how many seconds there is more.
    private RouteAnswer Refusal(TimeSpan wait)
    {
        string seconds = Math.Ceiling(wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
        string per = Math.Ceiling(_settings.Per.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
        byte[] lines = RouteAnswer.LinesOf(
            ("Retry-After", seconds),
            ("RateLimit-Policy", $"\"route\";q={_settings.Requests.ToString(CultureInfo.InvariantCulture)};w={per}"),
            ("RateLimit", $"\"route\";r=0;t={seconds}"));
        return new RouteAnswer(0, lines, null);
    }

    // Nobody outside can find two values with the same: it is another in each process.
    private static ulong Hash(ReadOnlySpan<byte> value)
    {
        var low = default(HashCode);
        low.AddBytes(value);
        var high = default(HashCode);
        high.Add(value.Length);
        high.AddBytes(value);
        return ((ulong)(uint)high.ToHashCode() << 32) | (uint)low.ToHashCode();
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
                        return Hash(field.Value(request.Source));
                    }
                }

                return 0;
            default:
                ClientKey client = ClientKey.Of(request.Client);
                Span<byte> bytes = stackalloc byte[sizeof(ulong) + 1];
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, client.Network);
                bytes[^1] = client.IsIPv4 ? (byte)4 : (byte)6;
                return Hash(bytes);
        }
    }
}
