using System.Diagnostics;
using System.Threading.Channels;
using ActorLb.Engine.Traces;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ActorLb.Node.Otlp;

/// <summary>
/// Pushes a node's spans to a collector, a batch at a time, and what waits when it ends. Who ends a span never waits: what does not fit into the queue is dropped and
/// counted. A collector that is not there costs a line of the log when it is first missed, and none again until it was there.
/// </summary>
internal sealed class SpanPush : IDisposable
{
    /// <summary>Below the path of the endpoint (OTLP 1.0, OTLP/HTTP request).</summary>
    public const string Path = "v1/traces";

    /// <summary>Spans that wait, at most: some seconds of all that may be recorded, about 10 MB.</summary>
    public const int QueueMax = 8192;

    /// <summary>Of one push, as OpenTelemetry's own exporters have it.</summary>
    private const int BatchMax = 512;

    /// <summary>How long the first of a batch waits for others.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    /// <summary>A collector that takes longer has lost this batch.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>For all that waits when it ends: a node does not stop later for it.</summary>
    private static readonly TimeSpan LastTimeout = TimeSpan.FromSeconds(2);

    /// <summary>A collector says how many spans it did not take, in some hundred bytes. The exporter reads what it answers whole: of one that answers without end, no more than this.</summary>
    private const int AnswerBytesMax = 64 * 1024;

    private readonly Channel<Activity> _queue = Channel.CreateBounded<Activity>(new BoundedChannelOptions(QueueMax) { SingleReader = true });
    private readonly Activity[] _batch = new Activity[BatchMax];
    private readonly CancellationTokenSource _stop = new();
    private readonly SpanSource _spans;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Uri? _target;
    private readonly HttpClient? _client;
    private readonly OtlpTraceExporter? _exporter;
    private readonly TracerProvider? _provider;
    private ActivityListener? _listener;
    private Task _running = Task.CompletedTask;
    private bool _isMissed;
    private long _pushed;
    private long _failed;
    private long _dropped;

    public SpanPush(OtlpSettings collector, RequestTraces traces, string node, string version, ILogger logger, TimeProvider time)
    {
        _spans = traces.Spans;
        _time = time;
        _logger = logger;
        if (!traces.IsOn || collector.Endpoint is not { } endpoint)
        {
            return;
        }

        Uri target = new($"{endpoint.AbsoluteUri.TrimEnd('/')}/{Path}");
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = Timeout })
        {
            Timeout = Timeout,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
        foreach (OtlpHeader header in collector.Headers)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(header.Name, header.Value);
        }

        _target = target;
        _client = client;
        _exporter = new OtlpTraceExporter(new OtlpExporterOptions
        {
            Endpoint = target,
            Protocol = OtlpExportProtocol.HttpProtobuf,
            TimeoutMilliseconds = (int)Timeout.TotalMilliseconds,
            HttpClientFactory = () => client,

            // Not those of the environment.
            Headers = "",
        });

        // It hears nothing by itself: it tells the exporter whose spans they are.
        _provider = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("actorlb", serviceVersion: version, autoGenerateServiceInstanceId: false, serviceInstanceId: node))
            .AddProcessor(new SimpleActivityExportProcessor(_exporter))
            .Build();
    }

    public bool IsOn => _exporter is not null;

    /// <summary>Spans that the collector took.</summary>
    public long Pushed => Interlocked.Read(ref _pushed);

    /// <summary>Those that it did not.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Those for which there was no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Takes spans from now on. Does nothing where traces are off.</summary>
    public void Start()
    {
        if (!IsOn)
        {
            return;
        }

        _listener = new ActivityListener
        {
            ShouldListenTo = source => ReferenceEquals(source, _spans.Source),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Take,
        };
        ActivitySource.AddActivityListener(_listener);
        CancellationToken stopping = _stop.Token;
        _running = Task.Run(() => RunAsync(stopping));
    }

    /// <summary>Pushes what waits, as far as there is time. May be called again.</summary>
    public async Task StopAsync()
    {
        _listener?.Dispose();
        _queue.Writer.TryComplete();
        await _stop.CancelAsync();
        await _running.WaitAsync(LastTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _listener?.Dispose();
        _client?.Dispose();
        _provider?.Dispose();
        _stop.Dispose();
    }

    private void Take(Activity span)
    {
        if (!_queue.Writer.TryWrite(span))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            if (_queue.Reader.Count < BatchMax)
            {
                await Task.Delay(Linger, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            int count = 0;
            while (count < BatchMax && _queue.Reader.TryRead(out Activity? span))
            {
                _batch[count++] = span;
            }

            // The exporter waits for the collector: on a thread of its own, since those of the pool have requests to serve.
            await Task.Factory.StartNew(() => Push(count), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    private void Push(int count)
    {
        ExportResult result;
        try
        {
            using IDisposable quiet = SuppressInstrumentationScope.Begin();
            result = _exporter!.Export(new Batch<Activity>(_batch, count));
        }
        catch (Exception e)
        {
            // Whatever goes wrong with it, it is no reason to end a node.
            Log.SpansNotWritten(_logger, e);
            result = ExportResult.Failure;
        }

        Array.Clear(_batch);
        bool isTaken = result == ExportResult.Success;
        Interlocked.Add(ref isTaken ? ref _pushed : ref _failed, count);
        if (isTaken && _isMissed)
        {
            Log.SpansTaken(_logger, _target!);
        }
        else if (!isTaken && !_isMissed)
        {
            Log.SpansNotTaken(_logger, _target!);
        }

        _isMissed = !isTaken;
    }
}
