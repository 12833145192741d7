using System.Net;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Reports;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>
/// Who may use the admin API. With a token: whoever sends it. Without one the API is on loopback only, and what has
/// to be kept out are browsers of this machine that work for somebody else.
/// </summary>
/// <param name="reports">Hear of wrong tokens.</param>
internal sealed class AdminGuard(string? token, TokenGuesses guesses, AddressReports reports)
{
    public const string WrongToken = "sent a wrong admin token";
    public const string TooManyTokens = "sent too many wrong admin tokens; more were not looked at";
    private const string Scheme = "Bearer ";
    private const string FetchSite = "Sec-Fetch-Site";

    private readonly byte[]? _digest = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Null: the request may pass.</summary>
    public AdminProblem? Refuse(HttpRequest request) =>
        RefuseForeignSite(request) ?? (_digest is null ? RefuseForeign(request) : RefuseWithoutToken(request, _digest));

    // Browsers say from where a page asks (Fetch Metadata Request Headers, 2.2): nothing but its own pages, and what somebody
    // typed, has any business here. same-site is another port of this machine.
    private static AdminProblem? RefuseForeignSite(HttpRequest request)
    {
        foreach (string? site in request.Headers[FetchSite])
        {
            if (site is not ("same-origin" or "none"))
            {
                return AdminProblem.ForeignOrigin();
            }
        }

        return null;
    }

    private AdminProblem? RefuseWithoutToken(HttpRequest request, byte[] digest)
    {
        string sent = request.Headers.Authorization.ToString();
        if (!sent.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return AdminProblem.Unauthorized(sent: false);
        }

        IPAddress address = request.HttpContext.Connection.RemoteIpAddress ?? IPAddress.None;
        ClientKey client = ClientKey.Of(address);
        if (!guesses.TryTake(client))
        {
            reports.Note(address, TooManyTokens);
            return AdminProblem.TooManyGuesses();
        }

        // Digests of equal length, compared in constant time: neither the token's length nor its prefix shows.
        byte[] offered = SHA256.HashData(Encoding.UTF8.GetBytes(sent[Scheme.Length..].Trim()));
        bool isRight = CryptographicOperations.FixedTimeEquals(offered, digest);
        guesses.Settle(client, isRight);
        if (isRight)
        {
            return null;
        }

        reports.Note(address, WrongToken);
        return AdminProblem.Unauthorized(sent: true);
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
