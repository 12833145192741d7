using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>
/// Sends requests as a browser's network layer does, with kept-alive connections that are given up now and then, and
/// records how each ended.
/// </summary>
internal sealed class ChaosClient : IDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A browser that looks its name up again comes to another address.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromSeconds(20);

    private readonly HistoryRecorder _recorder;
    private readonly IChaosTarget _target;
    private readonly ClientKind _kind;
    private readonly int _number;
    private readonly HttpClient _http;

    public ChaosClient(HistoryRecorder recorder, IChaosTarget target, ClientKind kind, int number)
    {
        _recorder = recorder;
        _target = target;
        _kind = kind;
        _number = number;
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectCallback = ConnectAsync,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <param name="cookie">What the Cookie header says; null for none.</param>
    /// <param name="sent">The session whose ticket it carries.</param>
    /// <returns>How it ended, and the value of the balancer's cookie where the answer set one.</returns>
    public async Task<(Attempt Attempt, string? Ticket)> AskAsync(
        NodePlace node, string method, string? cookie, string? sent, int tab, CancellationToken cancellation)
    {
        long number = _recorder.NextAttempt();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(node.Listener, "/whoami"));
        request.Headers.Host = "site.test";
        request.Headers.Add("X-Request-Id", Id(number));
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        if (method == "POST")
        {
            request.Content = new StringContent("kept=1");
        }

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
        attempt = attempt with { Ended = _recorder.Now };
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

    // A connection of our own making tells "nobody there" from "it ended".
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(ConnectPatience);
            await socket.ConnectAsync(context.DnsEndPoint, patience.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw new NoConnectionException(e is SocketException refused ? refused.Message : "no connection in time");
        }
    }

    private sealed class NoConnectionException(string message) : Exception(message);
}
