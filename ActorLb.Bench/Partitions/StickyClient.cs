using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using ActorLb.Bench.Lab;

namespace ActorLb.Bench.Partitions;

/// <summary>A client of one node, which can always reach it: sends the sessions' requests one after another.</summary>
internal sealed class StickyClient(LabNode node, int index, ConcurrentQueue<StickySession> sessions) : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan BirthInterval = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _ending = new();
    private HttpClient _http = NewHttp();
    private Task _loop = Task.CompletedTask;

    public long Requests { get; private set; }

    public ConcurrentQueue<FailedRequest> Failures { get; } = [];

    /// <summary>New sessions are born here while it is true; their clients know this node only.</summary>
    public bool Bears { get; set; }

    public void Start() => _loop = Task.Run(LoopAsync);

    /// <summary>The node is about to be away: no request is under way when this completes, and none is sent.</summary>
    public Task StandAsideAsync() => _turn.WaitAsync();

    public void GoOn()
    {
        // Its connections may have ended with the node.
        _http.Dispose();
        _http = NewHttp();
        _turn.Release();
    }

    /// <summary>A request without a cookie: a new session.</summary>
    public async Task<StickySession?> BearAsync(int? onlyAt)
    {
        (string home, string? cookie)? answer = await AskAsync(null);
        if (answer is not { } given)
        {
            return null;
        }

        var session = new StickySession(given.cookie ?? throw new InvariantBrokenException($"{node.Name} gave no cookie"), given.home, onlyAt);
        sessions.Enqueue(session);
        return session;
    }

    /// <returns>Where the node sent it; null where the request failed.</returns>
    public async Task<string?> VisitAsync(StickySession session)
    {
        if (await AskAsync(session.Cookie) is not (string home, _))
        {
            return null;
        }

        session.SeenAt(home);
        return home;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _loop;
        _http.Dispose();
        _turn.Dispose();
        _ending.Dispose();
    }

    private static HttpClient NewHttp() => new(new SocketsHttpHandler { UseCookies = false }) { Timeout = TimeSpan.FromSeconds(5) };

    private async Task LoopAsync()
    {
        long bornAt = TimeProvider.System.GetTimestamp();
        try
        {
            while (true)
            {
                foreach (StickySession session in sessions.Where(s => s.OnlyAt is null || s.OnlyAt == index).ToArray())
                {
                    await Task.Delay(Pace, _ending.Token);
                    await _turn.WaitAsync(_ending.Token);
                    await VisitAsync(session);
                    if (Bears && TimeProvider.System.GetElapsedTime(bornAt) > BirthInterval)
                    {
                        bornAt = TimeProvider.System.GetTimestamp();
                        await BearAsync(index);
                    }

                    _turn.Release();
                }

                await Task.Delay(Pace, _ending.Token);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The trial is over.
        }
    }

    private void Fail(string reason) => Failures.Enqueue(new FailedRequest(Requests, $"{node.Name}: {reason}"));

    private async Task<(string Home, string? Cookie)?> AskAsync(string? cookie)
    {
        Requests++;
        long from = TimeProvider.System.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Get, node.Listener);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                string reason = response.Headers.TryGetValues("X-ActorLb-Reason", out IEnumerable<string>? reasons) ? string.Join(' ', reasons) : "";
                Fail($"{(int)response.StatusCode} {reason}");
                return null;
            }

            using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
            string? given = response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies)
                ? cookies.FirstOrDefault(c => c.StartsWith("ALB=", StringComparison.Ordinal))?.Split(';')[0]
                : null;
            return (body.RootElement.GetProperty("server").GetString()!, given);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            Fail($"{e.GetBaseException().Message} after {TimeProvider.System.GetElapsedTime(from).TotalSeconds:F1} s");
            return null;
        }
    }
}

/// <summary>A request that was not answered with 200.</summary>
/// <param name="Number">The how manieth of its client.</param>
internal sealed record FailedRequest(long Number, string Reason);
