using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using ActorLb.Engine.Certificates;

namespace ActorLb.Node.Cli;

/// <summary>Whose word it is that a node is at an address, and so where a connection may end.</summary>
internal enum AdminReach
{
    /// <summary>The operator's: wherever it leads.</summary>
    Given,

    /// <summary>A node's that is on this machine: wherever it leads, and by no proxy.</summary>
    ToldHere,

    /// <summary>A node's that is elsewhere: never to this machine, and by no proxy, which would look the name up itself.</summary>
    ToldElsewhere,
}

/// <summary>The way to one node's admin API.</summary>
internal sealed class AdminConnection : IDisposable
{
    private readonly bool _showsCertificate;
    private volatile string? _refusal;

    /// <param name="tls">What https:// goes by; null: there is none.</param>
    /// <param name="reach">Whose word it is that the node is there.</param>
    public AdminConnection(Uri admin, string? token, TimeSpan connectTimeout, BackendTls? tls, AdminReach reach = AdminReach.Given)
    {
        Admin = admin;
        var handler = new SocketsHttpHandler
        {
            // A proxy from the environment cannot reach our loopback interface, and must not see the token.
            UseProxy = reach == AdminReach.Given && !admin.IsLoopback,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = connectTimeout,
        };
        if (reach == AdminReach.ToldElsewhere)
        {
            handler.ConnectCallback = ConnectElsewhereAsync;
        }

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

    // What counts is where a connection ends: a name, or a number in another spelling, may lead to this machine.
    private static async ValueTask<Stream> ConnectElsewhereAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        DnsEndPoint told = context.DnsEndPoint;
        IPAddress[] elsewhere = [.. (await Dns.GetHostAddressesAsync(told.Host, cancellation)).Where(a => !AdminAddresses.IsThisMachine(a))];
        if (elsewhere.Length == 0)
        {
            throw new InvalidOperationException("it leads to this machine, where the node that tells of it is not: no token is sent there");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(elsewhere, told.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => Http.Dispose();
}
