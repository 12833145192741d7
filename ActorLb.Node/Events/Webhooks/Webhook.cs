using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Events.Webhooks;

/// <summary>
/// Posts what is noted at this node to an address, one event after the other; those of the other nodes are theirs to post. What is not
/// taken is tried again, later each time, while what comes meanwhile waits, as much as the queue holds. Nobody waits for it.
/// </summary>
internal sealed class Webhook : IAsyncDisposable
{
    /// <summary>Events that wait; of more the oldest are dropped and counted.</summary>
    public const int QueueLength = 256;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);

    /// <summary>What was not taken by then is dropped.</summary>
    private static readonly TimeSpan TriedFor = TimeSpan.FromMinutes(30);

    private readonly WebhookSettings _settings;
    private readonly ImmutableArray<EventKind> _kinds;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpClient _http;
    private readonly Channel<NodeEvent> _queue;
    private readonly CancellationTokenSource _stopping = new();
    private Task _sending = Task.CompletedTask;
    private long _dropped;
    private bool _hasFailed;

    public Webhook(WebhookSettings settings, TimeProvider time, ILogger logger)
    {
        _settings = settings;
        _kinds = settings.Kinds.IsEmpty ? [] : EventFilter.KindsOf(string.Join(',', settings.Kinds), out _);
        _time = time;
        _logger = logger;
        _queue = Channel.CreateBounded<NodeEvent>(
            new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _dropped));
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = !settings.Url.IsLoopback,
            UseCookies = false,

            // Where it leads is what the operator wrote.
            AllowAutoRedirect = false,
            ConnectTimeout = AnswerTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public void Start() => _sending = Task.Run(RunAsync);

    /// <summary>Any thread; never waits.</summary>
    public void Offer(NodeEvent one)
    {
        if (_kinds.IsEmpty || _kinds.Contains(one.Kind))
        {
            _queue.Writer.TryWrite(one);
        }
    }

    /// <summary>What waits has a moment more.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        _stopping.CancelAfter(FirstPause);
        await _sending;
        await _stopping.CancelAsync();
        _http.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (NodeEvent one in _queue.Reader.ReadAllAsync(_stopping.Token))
            {
                await SendAsync(one);
                if (Interlocked.Exchange(ref _dropped, 0) is var dropped and > 0)
                {
                    Log.WebhookDropped(_logger, Where, dropped);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    // Without what may be a secret in its path or query.
    private string Where => _settings.Url.GetLeftPart(UriPartial.Authority);

    private async Task SendAsync(NodeEvent one)
    {
        long begunAt = _time.GetTimestamp();
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < PauseMax ? pause * 2 : PauseMax)
        {
            (bool isDone, string? problem) = await TryAsync(one);
            if (problem is null)
            {
                if (_hasFailed)
                {
                    _hasFailed = false;
                    Log.WebhookTakes(_logger, Where);
                }

                return;
            }

            if (!_hasFailed)
            {
                _hasFailed = true;
                Log.WebhookFails(_logger, Where, problem);
            }

            if (isDone || _time.GetElapsedTime(begunAt) >= TriedFor)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            await Task.Delay(pause, _time, _stopping.Token);
        }
    }

    /// <returns>Whether it is of no use to try it again, and what went wrong; null: nothing.</returns>
    private async Task<(bool IsDone, string? Problem)> TryAsync(NodeEvent one)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _settings.Url) { Content = new ReadOnlyMemoryContent(one.Json) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue(new ProductHeaderValue("actorlb")));
            request.Headers.Add("X-ActorLb-Event", EventKinds.Of(one.Kind).Name);
            if (_settings.Secret.Length > 0)
            {
                request.Headers.Add(WebhookSignature.Field, WebhookSignature.Of(_settings.Secret, one.Json.Span));
            }

            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            int status = (int)answer.StatusCode;
            return answer.IsSuccessStatusCode ? (true, null)
                : (status < 500 && answer.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests), $"it answered {status}");
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            return (false, $"it did not answer within {AnswerTimeout.TotalSeconds} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (false, e.Message);
        }
    }
}
