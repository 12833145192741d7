using System.Net;
using System.Text.Json;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Lab;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>
/// Sends requests as a browser's network layer does, with kept-alive connections that are given up now and then, and
/// records how each ended.
/// </summary>
internal sealed class ChaosClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A browser that looks its name up again comes to another address.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromSeconds(20);

    private readonly HistoryRecorder _recorder;
    private readonly IChaosTarget _target;
    private readonly ClientKind _kind;
    private readonly int _number;
    private readonly HttpClient _http;
    private string? _certificate;

    /// <param name="lifetime">How long a connection is kept; zero: one request each.</param>
    public ChaosClient(HistoryRecorder recorder, IChaosTarget target, ClientKind kind, int number, TimeSpan lifetime)
    {
        _recorder = recorder;
        _target = target;
        _kind = kind;
        _number = number;
        SocketsHttpHandler handler = ClientSockets.Handler(lifetime);
        if (kind == ClientKind.Handshaker)
        {
            handler.SslOptions = target.Certificates!.ForClients(serial => _certificate = serial);
        }

        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <param name="cookie">What the Cookie header says; null for none.</param>
    /// <param name="sent">The session whose ticket it carries.</param>
    /// <returns>How it ended, and the value of the balancer's cookie where the answer set one.</returns>
    public async Task<(Attempt Attempt, string? Ticket)> AskAsync(
        NodePlace node, string method, string? cookie, string? sent, int tab, CancellationToken cancellation)
    {
        long number = _recorder.NextAttempt();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_kind == ClientKind.Handshaker ? node.Secure! : node.Listener, "/whoami"));
        request.Headers.Host = CertificateFiles.Site;
        request.Headers.Add("X-Request-Id", Id(number));
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        if (method == "POST")
        {
            request.Content = new StringContent("kept=1");
        }

        _certificate = null;
        double from = _recorder.Now;
        var attempt = new Attempt
        {
            Number = number,
            Client = _kind,
            Browser = _number,
            Tab = tab,
            Node = node.Name,
            Method = method,
            Sent = from,
            Ended = from,
            End = AttemptEnd.Answered,
            SessionSent = sent,
        };
        (attempt, string? ticket) = await SendAsync(request, attempt, cancellation);
        attempt = attempt with { Ended = _recorder.Now, Certificate = _certificate };
        _recorder.Add(attempt);
        if (attempt.End == AttemptEnd.Abandoned)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return (attempt, ticket);
    }

    public void Dispose() => _http.Dispose();

    private static string Id(long number) => $"chaos-{number}";

    private async Task<(Attempt Attempt, string? Ticket)> SendAsync(HttpRequestMessage request, Attempt attempt, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, patience.Token);
            return Read(response, await response.Content.ReadAsByteArrayAsync(patience.Token), attempt);
        }
        catch (HttpRequestException e) when (e.InnerException is NoConnectionException)
        {
            return (attempt with { End = AttemptEnd.Refused, Reason = e.InnerException.Message }, null);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            // Before the handshake is over no request has been sent.
            return (attempt with { End = AttemptEnd.Refused, Reason = $"no handshake: {e.GetBaseException().Message}" }, null);
        }
        catch (HttpRequestException e)
        {
            return (attempt with { End = AttemptEnd.Broken, Reason = e.GetBaseException().Message }, null);
        }
        catch (OperationCanceledException)
        {
            if (cancellation.IsCancellationRequested)
            {
                return (attempt with { End = AttemptEnd.Abandoned }, null);
            }

            return (attempt with { End = AttemptEnd.TimedOut, Reason = $"no answer after {Patience.TotalSeconds} s" }, null);
        }
    }

    private (Attempt Attempt, string? Ticket) Read(HttpResponseMessage response, byte[] body, Attempt attempt)
    {
        if (!response.Headers.Contains("X-Request-Id"))
        {
            return (attempt with { End = AttemptEnd.Refused, Reason = "another host has the balancer's address now" }, null);
        }

        string? ticket = response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies)
            ? cookies.FirstOrDefault(c => c.StartsWith(Tickets.CookiePrefix, StringComparison.Ordinal))?[Tickets.CookiePrefix.Length..].Split(';')[0]
            : null;
        attempt = attempt with
        {
            Status = (int)response.StatusCode,
            Reason = response.Headers.TryGetValues("X-ActorLb-Reason", out IEnumerable<string>? reasons) ? string.Join(' ', reasons) : null,
            SessionGiven = ticket is null ? null : Tickets.SessionOf(ticket),
            Leak = LeakIn(response),
        };
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return (attempt, ticket);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            string? id = document.RootElement.GetProperty("requestId").GetString();
            return (attempt with { Backend = document.RootElement.GetProperty("server").GetString(), Foreign = id != Id(attempt.Number) }, ticket);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            return (attempt with { End = AttemptEnd.Broken, Reason = $"not the answer of the sample backend: {e.Message}" }, ticket);
        }
    }

    private string? LeakIn(HttpResponseMessage response)
    {
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers))
        {
            foreach (string value in values)
            {
                if (_target.Backends.Any(b => value.Contains(b.Name, StringComparison.OrdinalIgnoreCase) || value.Contains(b.Address.Authority, StringComparison.Ordinal)))
                {
                    return $"{name}: {value}";
                }
            }
        }

        return null;
    }
}
