using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.AccessLogs;

/// <summary>
/// Carries lines from the buffer to the file. While the file cannot be written, they stay where they are for as long as
/// there is room, so a short outage loses none. Used by one thread.
/// </summary>
internal sealed class AccessLogDrain(AccessLog log, ILogger logger, TimeProvider time) : IDisposable
{
    /// <summary>How often a file that failed is tried again.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Losses are told at once, and then at most so often.</summary>
    public static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(10);

    private const int BatchBytes = 64 * 1024;

    private readonly AccessLogFile _file = new(log.Settings.Path, time, log.IsPrivate);
    private readonly byte[] _batch = new byte[BatchBytes];
    private int _bytes;
    private int _lines;
    private long? _failedAt;
    private long? _toldAt;
    private long _droppedTold;
    private string? _why;

    /// <summary>Writes what is there. At most one ring's worth: whoever fills it faster is told that it is full.</summary>
    public void Pass()
    {
        if (_failedAt is null || time.GetElapsedTime(_failedAt.Value) >= RetryInterval)
        {
            Write();
        }

        TellLosses();
    }

    /// <summary>The last pass, whether or not it is time to try again; what cannot be written now is lost.</summary>
    public void Finish()
    {
        Write();
        while (Fill())
        {
            log.Lost(_lines);
            _bytes = 0;
        }

        _toldAt = null;
        TellLosses();
    }

    public void Dispose() => _file.Dispose();

    private void Write()
    {
        try
        {
            _file.Append([]);
            for (int written = 0; written <= log.Ring.Bytes && Fill(); written += BatchBytes)
            {
                _file.Append(_batch.AsSpan(0, _bytes));
                log.Wrote(_lines);
                _bytes = 0;
            }

            if (_failedAt is not null)
            {
                Log.LogWrittenAgain(logger, log.Name, log.Settings.Path);
            }

            _failedAt = null;
            log.Failing = false;
            _why = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            _failedAt = time.GetTimestamp();
            log.Failing = true;
            _why = e.Message;
        }
    }

    // A batch that could not be written is still there, and goes first.
    private bool Fill()
    {
        if (_bytes == 0)
        {
            _bytes = log.Ring.Read(_batch, out _lines);
        }

        return _bytes > 0;
    }

    private void TellLosses()
    {
        long lost = log.Dropped - _droppedTold;
        if ((lost == 0 && _why is null) || (_toldAt is { } at && time.GetElapsedTime(at) < TellInterval))
        {
            return;
        }

        _toldAt = time.GetTimestamp();
        _droppedTold += lost;
        Log.LinesLost(logger, log.Name, log.Settings.Path, lost, _why ?? "its buffer was full");
    }
}
