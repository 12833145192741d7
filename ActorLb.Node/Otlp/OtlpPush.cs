using System.Net.Http.Headers;
using System.Text;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Otlp;

/// <summary>
/// Pushes a node's metrics to a collector, one document after the other, and a last one when it ends. A collector that is not there costs a line of the log
/// when it is first missed, and none again until it was there.
/// </summary>
internal sealed class OtlpPush : IDisposable
{
    /// <summary>Below the path of the endpoint (OTLP 1.0, OTLP/HTTP request).</summary>
    public const string Path = "v1/metrics";

    /// <summary>A collector that takes longer has lost this document; the next one has all of it.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Of the last one: a node does not stop later for it.</summary>
    private static readonly TimeSpan LastTimeout = TimeSpan.FromSeconds(2);

    private readonly OtlpSettings _settings;
    private readonly string _node;
    private readonly string _version;
    private readonly Func<Task<byte[]>> _text;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DateTimeOffset _since;
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private bool _isMissed;
    private long _pushed;
    private long _failed;

    /// <param name="text">The metrics in Prometheus' text format.</param>
    public OtlpPush(OtlpSettings settings, string node, string version, Func<Task<byte[]>> text, ILogger logger, TimeProvider time)
    {
        _settings = settings;
        _node = node;
        _version = version;
        _text = text;
        _time = time;
        _logger = logger;
        _since = time.GetUtcNow();
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = Timeout }) { Timeout = Timeout };
    }

    public bool IsOn => _settings.IsOn;

    /// <summary>Documents that the collector took.</summary>
    public long Pushed => Interlocked.Read(ref _pushed);

    /// <summary>Those that it did not.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    private Uri Target => new($"{_settings.Endpoint!.AbsoluteUri.TrimEnd('/')}/{Path}");

    /// <summary>Does nothing where there is no endpoint.</summary>
    public void Start() => _running = _settings.IsOn ? Task.Run(RunAsync) : Task.CompletedTask;

    /// <summary>Pushes a last time. May be called again.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public void Dispose()
    {
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(_settings.Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await PushAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            using var last = new CancellationTokenSource(LastTimeout, _time);
            await PushAsync(last.Token);
        }
    }

    private async Task PushAsync(CancellationToken cancellation)
    {
        try
        {
            string text = Encoding.UTF8.GetString(await _text());
            byte[] document = new OtlpDocument(_node, _version, _since, _time.GetUtcNow()).Write(MetricTextReader.Read(text));
            using var request = new HttpRequestMessage(HttpMethod.Post, Target) { Content = new ByteArrayContent(document) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            foreach (OtlpHeader header in _settings.Headers)
            {
                request.Headers.TryAddWithoutValidation(header.Name, header.Value);
            }

            // Of an answer nothing but its status is wanted: its body may be anything, and of any length.
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            response.EnsureSuccessStatusCode();
            Interlocked.Increment(ref _pushed);
            if (_isMissed)
            {
                Log.MetricsTaken(_logger, Target);
            }

            _isMissed = false;
        }
        catch (OperationCanceledException) when (cancellation == _stop.Token && _stop.IsCancellationRequested)
        {
            // The last one comes in its place.
        }
        catch (Exception e)
        {
            // Whatever goes wrong with it, it is no reason to end a node.
            Interlocked.Increment(ref _failed);
            if (!_isMissed)
            {
                Log.MetricsNotTaken(_logger, Target, e.Message);
            }

            _isMissed = true;
        }
    }
}
