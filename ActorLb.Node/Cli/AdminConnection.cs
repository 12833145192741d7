using System.Net.Http.Headers;
using ActorLb.Engine.Certificates;

namespace ActorLb.Node.Cli;

/// <summary>The way to one node's admin API.</summary>
internal sealed class AdminConnection : IDisposable
{
    private readonly bool _showsCertificate;
    private volatile string? _refusal;

    /// <param name="tls">What https:// goes by; null: there is none.</param>
    public AdminConnection(Uri admin, string? token, TimeSpan connectTimeout, BackendTls? tls)
    {
        Admin = admin;
        var handler = new SocketsHttpHandler
        {
            // A proxy from the environment cannot reach our loopback interface, and must not see the token.
            UseProxy = !admin.IsLoopback,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = connectTimeout,
        };
        if (tls is not null)
        {
            _showsCertificate = tls.ShowsCertificate;
            handler.SslOptions = tls.OptionsFor(admin, why => _refusal = why);
        }

        Http = new HttpClient(handler)
        {
            BaseAddress = new Uri(admin.GetLeftPart(UriPartial.Authority)),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (token is not null)
        {
            Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public Uri Admin { get; }

    public HttpClient Http { get; }

    /// <summary>In a sentence, what keeps us from it, and what may help.</summary>
    public string WhyNot(Exception exception)
    {
        if (_refusal is { } refusal)
        {
            return $"its certificate was refused: {refusal} (--admin-roots or ${AdminOptions.RootsVariable} says which roots are trusted)";
        }

        // A server that refuses a client's certificate says nothing else: it ends the connection.
        string reason = StartFailure.Reason(exception.InnerException ?? exception);
        bool isPlain = Admin.Scheme == Uri.UriSchemeHttp;
        bool hasEnded = exception is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse }
            || (!isPlain && exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
            || (!isPlain && exception is HttpRequestException { InnerException: IOException });
        return !hasEnded ? reason
            : isPlain ? $"it ended the connection without an answer ({reason.TrimEnd('.')}). It may speak TLS: --admin https://{Admin.Authority}"
            : _showsCertificate ? $"{reason} It may want another certificate of this client than it was shown (--admin-certificate or ${AdminOptions.CertificateVariable}); its log says why it refused one."
            : $"{reason} It may want a certificate of this client, and was shown none (--admin-certificate or ${AdminOptions.CertificateVariable}, with --admin-key).";
    }

    public void Dispose() => Http.Dispose();
}
