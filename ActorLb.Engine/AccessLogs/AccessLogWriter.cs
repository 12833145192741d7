using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.AccessLogs;

/// <summary>The thread that carries an access log to its file. A slow or broken disk keeps this thread busy and nobody else.</summary>
public sealed class AccessLogWriter : IAsyncDisposable
{
    /// <summary>
    /// Often enough for 50,000 lines a second in a quarter of the smallest useful buffer, seldom enough to cost nothing
    /// while idle; writers need not wake anybody.
    /// </summary>
    private static readonly TimeSpan PassInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>A pipe that nobody reads must not keep a node from stopping.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private readonly AccessLogDrain _drain;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ManualResetEvent _stopping = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private bool _started;

    public AccessLogWriter(AccessLog log, ILogger logger, TimeProvider time)
    {
        _logger = logger;
        _time = time;
        _drain = new AccessLogDrain(log, logger, time);
        _thread = new Thread(Run) { IsBackground = true, Name = "access log" };
    }

    public void Start()
    {
        _started = true;
        _thread.Start();
    }

    /// <summary>Writes what is in the buffer, and ends. Once; nobody writes to the log any more.</summary>
    public async Task StopAsync()
    {
        _stopping.Set();
        if (!_started)
        {
            return;
        }

        try
        {
            await _ended.Task.WaitAsync(FlushTimeout, _time);
        }
        catch (TimeoutException)
        {
            _logger.LogWarning("The access log could not be written to its end within {Timeout}", FlushTimeout);
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private void Run()
    {
        while (!_stopping.WaitOne(PassInterval))
        {
            Guarded(_drain.Pass);
        }

        Guarded(_drain.Finish);
        _drain.Dispose();
        _ended.SetResult();
    }

    // Whatever goes wrong with a log, it is no reason to end a node.
    private void Guarded(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            _logger.LogError(e, "The access log failed");
        }
    }
}
