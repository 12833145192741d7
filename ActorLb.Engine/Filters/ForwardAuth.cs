using System.Net;
using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Traces;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>
/// Asks a server of the operator's whether a request may go on: it gets the request's head, and says yes with 2xx. Anything else is the
/// client's answer. Asked anew for each request.
/// </summary>
internal sealed class ForwardAuth(ForwardAuthSettings settings) : IWaitingFilter
{
    /// <summary>Of what is copied into the request that goes on.</summary>
    public const int CopiedBytesMax = 8192;

    private const string WwwAuthenticate = "WWW-Authenticate";

    private const int BodyBytesMax = 64 * 1024;

    /// <summary>Questions under way, of one route on this node: whoever is slow is not to hold all requests.</summary>
    private const int QuestionsMax = 1024;

    /// <summary>Of them, of one client's address.</summary>
    private const int QuestionsPerClientMax = QuestionsMax / 8;

    private static readonly FilterVerdict Unavailable = new(FailureReason.AuthUnavailable);

    /// <summary>That all places are taken says nothing of the server: no request passes unasked for that.</summary>
    private static readonly FilterVerdict Busy = new(FailureReason.AuthBusy);

    /// <summary>The connections to the server are everybody's: what would authenticate one of them does not go there.</summary>
    private static readonly FilterVerdict ConnectionAuthRefused = new(FailureReason.ConnectionAuthRefused);

    /// <summary>What of a refusal goes to the client: what tells it how to get in, and what it is shown.</summary>
    private static readonly string[] OfRefusals = [WwwAuthenticate, "Location", "Set-Cookie", "Content-Type", "Cache-Control", "Retry-After", "Content-Language"];

    // Bodies stay with us, and so does what is about them; Expect would wait for one.
    private static readonly KnownFieldSet Dropped = KnownFieldSet.HopByHop | KnownFieldSet.Framing
        | KnownFieldSet.Of(KnownField.Expect, KnownField.Trailer, KnownField.ForwardingClaim, KnownField.Disguised, KnownField.Forwarded,
            KnownField.XForwardedFor, KnownField.XForwardedProto, KnownField.XForwardedHost, KnownField.XForwardedPort);

    /// <summary>Its own answer is wanted, whole and as it is: neither a part of it, nor that it has not changed, nor compressed.</summary>
    private static readonly string[] OfTheAnswer = ["Accept-Encoding", "Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range"];

    private static readonly HttpMessageInvoker Client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        MaxResponseHeadersLength = 32,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ActivityHeadersPropagator = null,
    });

    private readonly QuestionPlaces _places = new(QuestionsMax, QuestionsPerClientMax);

    public ValueTask<FilterVerdict> LookAsync(in FilteredRequest request) =>
        ConnectionAuthentication.IsClaimed(request.Source, request.Fields, request.Head.Fields) ? new(ConnectionAuthRefused)
        : !_places.TryTake(request.Client) ? new(Busy)
        : new(AskAsync(QuestionOf(request), request.Client));

    private HttpRequestMessage QuestionOf(in FilteredRequest request)
    {
        var question = new HttpRequestMessage(HttpMethod.Get, settings.Url);
        KnownFieldSet dropped = request.Trace.IsOn ? Dropped | TraceFields.Replaced(request.Trace) : Dropped;
        foreach (ref readonly HeaderField field in request.Fields)
        {
            string name = Encoding.ASCII.GetString(field.Name(request.Source));
            if (!dropped.Contains(field.Known) && (field.Traits & FieldTraits.Nominated) == 0 && !OfTheAnswer.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                question.Headers.TryAddWithoutValidation(name, Encoding.Latin1.GetString(field.Value(request.Source)));
            }
        }

        if (request.Trace.IsOn)
        {
            question.Headers.TryAddWithoutValidation(TraceFields.Parent, TraceFields.TextBefore(request.Trace));
        }

        // Beside those that it had: a route that asks itself is found.
        question.Headers.TryAddWithoutValidation("CDN-Loop", "actorlb");
        question.Headers.TryAddWithoutValidation("X-Forwarded-For", request.Client.ToString());
        question.Headers.TryAddWithoutValidation("X-Forwarded-Proto", request.IsSecure ? "https" : "http");
        question.Headers.TryAddWithoutValidation("X-Forwarded-Method", Encoding.ASCII.GetString(request.Head.MethodName.Of(request.Source)));
        question.Headers.TryAddWithoutValidation("X-Forwarded-Host", Encoding.ASCII.GetString(request.Head.Authority.Of(request.Source)));
        question.Headers.TryAddWithoutValidation("X-Forwarded-Uri", Encoding.ASCII.GetString(request.Head.Target.PathAndQuery.Of(request.Source)));
        return question;
    }

    private async Task<FilterVerdict> AskAsync(HttpRequestMessage question, IPAddress client)
    {
        using var limit = new CancellationTokenSource(settings.Timeout);
        try
        {
            using HttpResponseMessage answer = await Client.SendAsync(question, limit.Token).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? Passes(answer)
                : (int)answer.StatusCode is >= 300 and < 500 ? await RefuseAsync(answer, limit.Token).ConfigureAwait(false)
                : OfUnavailable();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException)
        {
            return OfUnavailable();
        }
        finally
        {
            question.Dispose();
            _places.GiveBack(client);
        }
    }

    private FilterVerdict OfUnavailable() => settings.PassesUnasked ? default : Unavailable;

    private FilterVerdict Passes(HttpResponseMessage answer)
    {
        byte[]? lines = settings.CopyHeaders.IsEmpty ? [] : LinesOf(answer, settings.CopyHeaders);
        return lines is { Length: <= CopiedBytesMax } ? new(FailureReason.None, null, lines) : Unavailable;
    }

    private static async Task<FilterVerdict> RefuseAsync(HttpResponseMessage answer, CancellationToken limit)
    {
        // What offers nothing else would have the client come with what is refused.
        if (OffersConnectionAuth(answer, out bool offersMore) && !offersMore)
        {
            return new(FailureReason.ConnectionAuthOffered);
        }

        byte[]? body = await ReadAsync(answer.Content, limit).ConfigureAwait(false);
        return body is not null && LinesOf(answer, OfRefusals) is { Length: <= CopiedBytesMax } lines
            ? new(FailureReason.NotAuthorized, new RouteAnswer((int)answer.StatusCode, lines, body))
            : Unavailable;
    }

    private static bool OffersConnectionAuth(HttpResponseMessage answer, out bool offersMore)
    {
        offersMore = false;
        if (!answer.Headers.NonValidated.TryGetValues(WwwAuthenticate, out var challenges))
        {
            return false;
        }

        int refused = challenges.Count(IsOfConnection);
        offersMore = refused < challenges.Count;
        return refused > 0;
    }

    private static bool IsOfConnection(string challenge) => ConnectionAuthentication.IsNamedIn(Encoding.Latin1.GetBytes(challenge));

    private static async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken limit)
    {
        using Stream stream = await content.ReadAsStreamAsync(limit).ConfigureAwait(false);
        byte[] body = new byte[BodyBytesMax + 1];
        int length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, limit).ConfigureAwait(false);
        return length > BodyBytesMax ? null : body[..length];
    }

    /// <summary>Null: one of the values cannot stand in a line.</summary>
    private static byte[]? LinesOf(HttpResponseMessage answer, IEnumerable<string> names)
    {
        var fields = new List<(string Name, string Value)>();
        foreach (string name in names)
        {
            if (answer.Headers.NonValidated.TryGetValues(name, out var values) || answer.Content.Headers.NonValidated.TryGetValues(name, out values))
            {
                fields.AddRange(values.Where(v => name != WwwAuthenticate || !IsOfConnection(v)).Select(v => (name, v)));
            }
        }

        return fields.Exists(f => f.Value.AsSpan().ContainsAnyInRange('\0', '\x1f')) ? null : RouteAnswer.LinesOf([.. fields]);
    }
}
