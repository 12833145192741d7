using System.Collections.Immutable;

namespace ActorLb.Node.Reloads;

/// <summary>Looks at a node's files every second and has them read again when they changed. Asks the file system for nothing but their bytes, so it works on every one.</summary>
internal sealed class ConfigurationWatch : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _look = new();
    private readonly ImmutableArray<string> _files;
    private readonly ConfigurationReload _reload;
    private readonly TimeProvider _time;
    private readonly ReloadLog _log;
    private readonly long _began;
    private FileWatchState _state;
    private ITimer? _timer;
    private bool _isOver;

    /// <summary>To be made right after the files were read.</summary>
    public ConfigurationWatch(ImmutableArray<string> files, ConfigurationReload reload, TimeProvider time, ReloadLog log)
    {
        _files = files;
        _reload = reload;
        _time = time;
        _log = log;
        _began = time.GetTimestamp();
        _state = FileWatchState.Of(Sights());
    }

    /// <summary>Looks from now on; also at what changed since it was made.</summary>
    public void Start()
    {
        lock (_look)
        {
            if (!_isOver)
            {
                _timer ??= _time.CreateTimer(static w => ((ConfigurationWatch)w!).Look(), this, Period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_look)
        {
            _isOver = true;
            _timer?.Dispose();
        }
    }

    private ImmutableArray<FileSight> Sights() => [.. _files.Select(FileSight.Of)];

    private void Look()
    {
        // A file system may take its time: nobody waits for it but this.
        ImmutableArray<FileSight> sights = Sights();
        lock (_look)
        {
            if (_isOver)
            {
                return;
            }

            (_state, FileWatchDecision decision) = _state.Look(sights, _time.GetElapsedTime(_began));
            Act(decision, sights);
            _timer!.Change(Period, Timeout.InfiniteTimeSpan);
        }
    }

    private void Act(FileWatchDecision decision, ImmutableArray<FileSight> sights)
    {
        switch (decision)
        {
            case FileWatchDecision.Reload:
                _reload.Ask(ReloadCause.Watch);
                break;
            case FileWatchDecision.TellGone:
                foreach (FileSight gone in sights.Where(s => s.Digest is null))
                {
                    _log.FileGone(gone.Path, gone.Why ?? "");
                }

                break;
            case FileWatchDecision.TellBack:
                foreach (FileSight back in sights)
                {
                    _log.FileBack(back.Path);
                }

                break;
        }
    }
}
