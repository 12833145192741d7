using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Engine.Clients;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Rates;

/// <summary>Keys of a <see cref="ShareTable"/>: the same on all nodes.</summary>
internal static class ClusterRateKey
{
    public static ulong Of(ReadOnlySpan<byte> value)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(value, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    public static ulong Of(ClientKey client)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong) + 1];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, client.Network);
        bytes[^1] = client.IsIPv4 ? (byte)4 : (byte)6;
        return Of(bytes);
    }

    /// <summary>Of a route and its limit: another one where what it takes, or its limit, is another.</summary>
    public static uint Of(RouteSettings route, RateLimitSettings limit)
    {
        string[] parts =
        [
            route.Host.ToUpperInvariant(),
            route.Path,
            route.IsExact ? "exact" : "prefix",
            string.Join(',', route.Methods.Order(StringComparer.Ordinal)),
            string.Join(',', route.Headers.Select(h => $"{h.Name.ToUpperInvariant()}{(h.Value is null ? "" : "=" + h.Value)}").Order(StringComparer.Ordinal)),
            string.Join(',', route.Listeners.Order(StringComparer.Ordinal)),
            string.Create(CultureInfo.InvariantCulture, $"{limit.Requests}/{limit.Per.Ticks}/{limit.Burst}/{limit.By}"),
            limit.Header.ToUpperInvariant(),
        ];
        return (uint)(Of(Encoding.UTF8.GetBytes(string.Join('\n', parts))) >> 32);
    }
}
