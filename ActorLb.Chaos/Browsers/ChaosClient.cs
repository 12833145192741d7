using System.Net.Http.Headers;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>
/// Sends requests as a browser's network layer does, with kept-alive connections that are given up now and then, and
/// records how each ended.
/// </summary>
internal sealed class ChaosClient : IDisposable
{
    /// <summary>A browser that looks its name up again comes to another address.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromSeconds(20);

    private readonly HistoryRecorder _recorder;
    private readonly ClientKind _kind;
    private readonly int _number;
    private readonly HttpClient _http;
    private readonly AnswerReader _reader;
    private string? _certificate;

    /// <param name="lifetime">How long a connection is kept; zero: one request each.</param>
    public ChaosClient(HistoryRecorder recorder, IChaosTarget target, ClientKind kind, int number, TimeSpan lifetime)
    {
        _recorder = recorder;
        _kind = kind;
        _number = number;
        _reader = new AnswerReader(target);
        SocketsHttpHandler handler = ClientSockets.Handler(lifetime);
        if (kind == ClientKind.Handshaker)
        {
            handler.SslOptions = target.Certificates!.ForClients(serial => _certificate = serial);
        }

        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks who serves it.</summary>
    /// <returns>How it ended.</returns>
    public Task<Attempt> AskAsync(NodePlace node, string method, SessionJar jar, Presented presented, int tab, CancellationToken cancellation) =>
        SendAsync(node, RequestUse.Page, new HttpMethod(method), "/whoami", method == "POST" ? "kept=1" : null, jar, presented, tab, cancellation);

    /// <summary>Logs in: the application gives its session another id.</summary>
    /// <returns>How it ended.</returns>
    public Task<Attempt> LogInAsync(NodePlace node, SessionJar jar, int tab, CancellationToken cancellation) =>
        SendAsync(node, RequestUse.Login, HttpMethod.Post, "/login", $"name=person-{_number}", jar, jar.Present(), tab, cancellation);

    public void Dispose() => _http.Dispose();

    private async Task<Attempt> SendAsync(
        NodePlace node, RequestUse use, HttpMethod method, string path, string? form, SessionJar jar, Presented presented, int tab, CancellationToken cancellation)
    {
        double from = _recorder.Now;
        var attempt = new Attempt
        {
            Number = _recorder.NextAttempt(),
            Client = _kind,
            Browser = _number,
            Tab = tab,
            Pool = jar.Pool,
            Node = node.Name,
            Use = use,
            Method = method.Method,
            Sent = from,
            Ended = from,
            End = AttemptEnd.Answered,
            SessionSent = presented.Session,
            Also = presented.Also,
        };
        using var request = new HttpRequestMessage(method, new Uri(_kind == ClientKind.Handshaker ? node.Secure! : node.Listener, path));
        request.Headers.Host = Sites.Of(jar.Pool);
        request.Headers.Add("X-Request-Id", attempt.Id);
        if (presented.Name is not null)
        {
            request.Headers.TryAddWithoutValidation(presented.Name, presented.Value);
        }

        if (form is not null)
        {
            request.Content = new StringContent(form, mediaType: new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        }

        _certificate = null;
        attempt = await SendAsync(request, attempt, jar, presented, cancellation) with { Ended = _recorder.Now, Certificate = _certificate };
        _recorder.Add(attempt);
        if (attempt.End == AttemptEnd.Abandoned)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return attempt;
    }

    private async Task<Attempt> SendAsync(HttpRequestMessage request, Attempt attempt, SessionJar jar, Presented presented, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience.Silence);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, patience.Token);
            attempt = _reader.ReadHead(attempt, (int)response.StatusCode, AnswerFields.Of(response), jar, presented);
            byte[] body = await response.Content.ReadAsByteArrayAsync(patience.Token);
            return attempt is { End: AttemptEnd.Answered, Status: 200 } ? AnswerReader.ReadServer(attempt, body) : attempt;
        }
        catch (HttpRequestException e) when (e.InnerException is NoConnectionException)
        {
            return attempt with { End = AttemptEnd.Refused, Reason = e.InnerException.Message };
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            // Before the handshake is over no request has been sent.
            return attempt with { End = AttemptEnd.Refused, Reason = $"no handshake: {e.GetBaseException().Message}" };
        }
        catch (HttpRequestException e)
        {
            // A server may end a kept connection while a request is on its way (RFC 9112, 9.3.1), and a client sends that again, elsewhere.
            // Only a node that stops has a reason to: at any other time the checker takes it for a failure, as a refused connection.
            return attempt.Status == 0 && !request.Options.TryGetValue(ClientSockets.Connects, out _)
                ? attempt with { End = AttemptEnd.Refused, Reason = $"a kept connection ended: {e.GetBaseException().Message}" }
                : attempt with { End = AttemptEnd.Broken, Reason = e.GetBaseException().Message };
        }
        catch (OperationCanceledException)
        {
            return cancellation.IsCancellationRequested
                ? attempt with { End = AttemptEnd.Abandoned }
                : attempt with { End = AttemptEnd.TimedOut, Reason = $"no answer after {Patience.Silence.TotalSeconds} s" };
        }
    }
}
