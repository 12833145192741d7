using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>
/// Who may use the admin API. With a token: whoever sends it. Without one the API is on loopback only, and what has
/// to be kept out are browsers of this machine that work for somebody else.
/// </summary>
public sealed class AdminGuard(string? token)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _digest = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Null: the request may pass.</summary>
    public AdminProblem? Refuse(HttpRequest request) =>
        _digest is null ? RefuseForeign(request) : RefuseWithoutToken(request, _digest);

    private static AdminProblem? RefuseWithoutToken(HttpRequest request, byte[] digest)
    {
        string sent = request.Headers.Authorization.ToString();
        if (!sent.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return AdminProblem.Unauthorized(sent: false);
        }

        // Digests of equal length, compared in constant time: neither the token's length nor its prefix shows.
        byte[] offered = SHA256.HashData(Encoding.UTF8.GetBytes(sent[Scheme.Length..].Trim()));
        return CryptographicOperations.FixedTimeEquals(offered, digest) ? null : AdminProblem.Unauthorized(sent: true);
    }

    private static AdminProblem? RefuseForeign(HttpRequest request)
    {
        // A page whose name was made to resolve to 127.0.0.1 (DNS rebinding) still sends its own name as Host.
        if (!IsLoopback(request.Host.Host))
        {
            return AdminProblem.ForeignHost();
        }

        // A browser adds Origin to every cross-site POST; "null" is what sandboxed pages and files send.
        foreach (string? origin in request.Headers.Origin)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
                || !string.Equals(uri.Authority, Authority(request), StringComparison.OrdinalIgnoreCase)
                || !string.Equals(uri.Scheme, request.Scheme, StringComparison.OrdinalIgnoreCase))
            {
                return AdminProblem.ForeignOrigin();
            }
        }

        return null;
    }

    private static string Authority(HttpRequest request) =>
        request.Host.Port == 80 ? request.Host.Host : request.Host.Value ?? "";

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
