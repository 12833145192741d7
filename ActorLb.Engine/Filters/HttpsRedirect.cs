using System.Globalization;
using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>
/// Sends who came to a listener by plain HTTP to the same host and target by https, with method and body (308; RFC 9110, 15.4.9). What it
/// takes over of the request was checked when that was read: no line of a head can be made with it. Immutable.
/// </summary>
internal sealed class HttpsRedirect : IRequestFilter
{
    private const int PermanentRedirect = 308;
    private const int UsualPort = 443;

    private readonly string _port;

    private HttpsRedirect(int port) => _port = port == UsualPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{port}");

    /// <summary>Null: the listener redirects nobody.</summary>
    public static HttpsRedirect? Of(ListenerSettings listener) => listener.RedirectToHttps > 0 ? new(listener.RedirectToHttps) : null;

    public FilterVerdict Look(in FilteredRequest request)
    {
        // A proxy that we believe has TLS with the client: another redirect would lead here again.
        if (request.IsSecure)
        {
            return default;
        }

        ReadOnlySpan<byte> host = WithoutPort(request.Head.Authority.Of(request.Source));
        if (host.IsEmpty)
        {
            return new(FailureReason.BadRequest);
        }

        string target = Encoding.ASCII.GetString(request.Head.Target.PathAndQuery.Of(request.Source));
        string path = target.StartsWith('/') ? target : target.StartsWith('?') ? "/" + target : "/";
        string location = $"https://{Encoding.ASCII.GetString(host)}{_port}{path}";
        return new(FailureReason.AnsweredByRoute, new RouteAnswer(PermanentRedirect, RouteAnswer.LinesOf(("Location", location)), []));
    }

    private static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> authority)
    {
        int colon = authority.LastIndexOf((byte)':');
        return colon > authority.LastIndexOf((byte)']') ? authority[..colon] : authority;
    }
}
