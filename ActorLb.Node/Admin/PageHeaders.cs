using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>What a browser may do with the dashboard's page: run its own scripts, and talk to its own node.</summary>
internal static class PageHeaders
{
    private const string Before = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";

    private const string After =
        "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly SearchValues<char> Endings = SearchValues.Create(" ;,'\"\r\n");

    /// <param name="others">URLs of other nodes' dashboards: the page looks there whether they are alive when its own node is not.</param>
    public static void Set(IHeaderDictionary headers, IEnumerable<string> others)
    {
        headers.ContentSecurityPolicy = Before + string.Concat(others.Where(IsUrl).Select(o => " " + o)) + After;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";

        // Asked for each time, and answered with 304 where it is the same: a node of another version has another page.
        headers.CacheControl = "no-cache";
    }

    // What another node says ends up in a header.
    private static bool IsUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme is "http" or "https") && !text.AsSpan().ContainsAny(Endings);
}
