using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Events;

/// <summary>
/// The log of events on disk, so that a new start knows what was: lines of JSON in two files of the data directory, of which the older one goes when
/// the newer one is full. The memory is the truth: what cannot be written, because the disk is full for instance, is missing there and costs nothing else.
/// </summary>
internal sealed class EventFile : IAsyncDisposable
{
    public const string Name = "actorlb.events";

    /// <summary>Of one of the two files.</summary>
    public const int BytesMax = 4 << 20;

    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    private const int WrittenAtOnce = 200;

    private readonly string _path;
    private readonly EventLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private FileStream? _file;
    private Task _writing = Task.CompletedTask;
    private bool _hasFailed;

    // A line that was not written to its end must not have the next one behind it.
    private bool _beginsLine = true;

    public EventFile(string directory, EventLog log, TimeProvider time, ILogger logger)
    {
        _path = Path.GetFullPath(Path.Combine(directory, Name));
        _log = log;
        _time = time;
        _logger = logger;
    }

    private string Older => _path + ".1";

    /// <summary>For tests of a full disk: called before anything is written.</summary>
    internal Action? BeforeWrite { get; set; }

    /// <summary>Reads what was, and writes from now on.</summary>
    public void Start()
    {
        (_, long place, _) = _log.All();
        _log.Take(Read(Older).Concat(Read(_path)));
        (_, long read, _) = _log.All();

        // What was noted before is written as well; what came of the file is there.
        _writing = Task.Run(() => WriteAsync(place, read));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync();
            await _writing;
            _file?.Dispose();
        }
    }

    private NodeEvent[] Read(string path)
    {
        try
        {
            if (!File.Exists(path) || IsLink(path))
            {
                return [];
            }

            using FileStream file = File.OpenRead(path);
            var bytes = new byte[Math.Min(file.Length, 2 * BytesMax)];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            DateTimeOffset since = _log.Now - KeptFor;
            var events = new List<NodeEvent>();
            foreach (Range line in bytes.AsSpan(0, length).Split((byte)'\n'))
            {
                if (EventJson.TryRead(bytes.AsMemory(0, length)[line], out _, out NodeEvent? one) && one?.At >= since)
                {
                    events.Add(one);
                }
            }

            return [.. events];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.EventFileUnread(_logger, path, e.Message);
            return [];
        }
    }

    private async Task WriteAsync(long noted, long next)
    {
        if (noted > 0 && _log.Read(0, (int)noted, out _) is { } before)
        {
            TryWrite(before);
        }

        while (true)
        {
            ImmutableArray<NodeEvent>? read = _log.Read(next, WrittenAtOnce, out long after);
            if (read is not { } events)
            {
                // More than the log holds came since: what is missing is missing.
                (_, next, _) = _log.All();
                continue;
            }

            next = after;
            if (!events.IsEmpty)
            {
                if (!TryWrite(events) && !await PausedAsync())
                {
                    return;
                }
            }
            else if (_stopping.IsCancellationRequested)
            {
                return;
            }
            else
            {
                await WhenThereIsMoreAsync(next);
            }
        }
    }

    private async Task WhenThereIsMoreAsync(long next)
    {
        try
        {
            Task more = _log.WhenBeyond(next);
            if (_log.IsClosed)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, _stopping.Token);
            }

            await more.WaitAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // What came last is still to be written.
        }
    }

    private async Task<bool> PausedAsync()
    {
        try
        {
            await Task.Delay(RetryPause, _time, _stopping.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private bool TryWrite(ImmutableArray<NodeEvent> events)
    {
        try
        {
            BeforeWrite?.Invoke();
            _file ??= Open();
            if (_file.Length >= BytesMax)
            {
                _file.Dispose();
                _file = null;
                File.Move(_path, Older, overwrite: true);
                _file = Open();
            }

            using var lines = new MemoryStream();
            if (!_beginsLine)
            {
                lines.WriteByte((byte)'\n');
            }

            foreach (NodeEvent one in events)
            {
                lines.Write(one.Json.Span);
                lines.WriteByte((byte)'\n');
            }

            _beginsLine = false;
            _file.Write(lines.GetBuffer().AsSpan(0, (int)lines.Length));
            _file.Flush();
            _beginsLine = true;
            if (_hasFailed)
            {
                _hasFailed = false;
                Log.EventFileWrittenAgain(_logger, _path);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailed)
            {
                _hasFailed = true;
                Log.EventFileNotWritten(_logger, _path, e.Message);
            }

            return false;
        }
    }

    private FileStream Open()
    {
        if (IsLink(_path) || IsLink(Older))
        {
            throw new IOException("it is a symbolic link");
        }

        // No buffer: what could not be written would be tried again, behind what comes next.
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        _beginsLine = false;
        return new FileStream(_path, options);
    }

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;
}
