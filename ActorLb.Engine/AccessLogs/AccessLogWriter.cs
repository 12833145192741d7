using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.AccessLogs;

/// <summary>
/// The thread that carries the access log to its file, and another one where it was changed: what is still written to the one
/// before gets there. A slow or broken disk keeps this thread busy and nobody else.
/// </summary>
public sealed class AccessLogWriter : IAsyncDisposable
{
    /// <summary>
    /// Often enough for 50,000 lines a second in a quarter of the smallest useful buffer, seldom enough to cost nothing
    /// while idle; writers need not wake anybody.
    /// </summary>
    private static readonly TimeSpan PassInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Where there is no log, it may be on by then.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Whoever took a log before it was replaced has written to it by then.</summary>
    private static readonly TimeSpan LastLines = TimeSpan.FromSeconds(1);

    /// <summary>A pipe that nobody reads must not keep a node from stopping.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private readonly Func<AccessLog?> _current;
    private readonly List<(AccessLogDrain Drain, long Since)> _replaced = [];
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ManualResetEvent _stopping = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private AccessLog? _log;

    // The last one that there was, also while there is none.
    private AccessLog? _followed;
    private AccessLogDrain? _drain;
    private bool _started;

    /// <param name="current">The log that lines go to now; null where there is none.</param>
    /// <param name="name">Of its thread, and in messages.</param>
    public AccessLogWriter(Func<AccessLog?> current, ILogger logger, TimeProvider time, string name = "access log")
    {
        _current = current;
        _logger = logger;
        _time = time;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
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
            Log.LogCutShort(_logger, _thread.Name, FlushTimeout);
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private void Run()
    {
        do
        {
            Guarded(Follow);
            _replaced.ForEach(r => Guarded(r.Drain.Pass));
            Guarded(() => _drain?.Pass());
        }
        while (!_stopping.WaitOne(_drain is null && _replaced.Count == 0 ? LookInterval : PassInterval));

        Guarded(Follow);
        _replaced.ForEach(r => End(r.Drain));
        End(_drain);
        _ended.SetResult();
    }

    private void Follow()
    {
        if (_current() is var now && now != _log)
        {
            if (_drain is not null)
            {
                _replaced.Add((_drain, _time.GetTimestamp()));
            }

            FollowThoseBetween(now);

            _log = now;
            _drain = now is null ? null : new AccessLogDrain(now, _logger, _time);
        }

        foreach ((AccessLogDrain drain, long _) in _replaced.FindAll(IsOver))
        {
            End(drain);
        }

        _replaced.RemoveAll(IsOver);
    }

    // Several changes may have come since the last look, and each log has its lines.
    private void FollowThoseBetween(AccessLog? now)
    {
        if (now is null)
        {
            return;
        }

        for (AccessLog? log = now.Replaces; log is not null && log != _followed; log = log.Replaces)
        {
            _replaced.Add((new AccessLogDrain(log, _logger, _time), _time.GetTimestamp()));
        }

        _followed = now;
        now.Replaces = null;
    }

    private bool IsOver((AccessLogDrain Drain, long Since) replaced) => _time.GetElapsedTime(replaced.Since) >= LastLines;

    private void End(AccessLogDrain? drain)
    {
        if (drain is not null)
        {
            Guarded(drain.Finish);
            drain.Dispose();
        }
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
            Log.LogFailed(_logger, e, _thread.Name);
        }
    }
}
