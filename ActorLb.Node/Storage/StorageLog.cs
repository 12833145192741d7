using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Storage;

/// <summary>Whether the file is well: one line per change, and the same for the admin API.</summary>
internal sealed class StorageLog(ILogger logger, TimeProvider time, string path)
{
    private readonly Lock _gate = new();
    private StorageState _state = StorageState.Ok;
    private string? _detail;
    private DateTimeOffset _since = time.GetUtcNow();
    private DateTimeOffset _writtenAt = time.GetUtcNow();

    public StorageStatus Status(long bytes)
    {
        lock (_gate)
        {
            return new StorageStatus(
                _state, _detail, _since, bytes, _state == StorageState.Ok ? TimeSpan.Zero : time.GetUtcNow() - _writtenAt);
        }
    }

    /// <summary>Something that the operator should know, and that changes no state.</summary>
    public void Note(string what)
    {
        Log.FileNoted(logger, path, what);
        lock (_gate)
        {
            _detail = what;
        }
    }

    public void Written()
    {
        bool recovered;
        lock (_gate)
        {
            recovered = _state == StorageState.Failing;
            if (recovered)
            {
                Become(StorageState.Ok, null);
            }

            _writtenAt = time.GetUtcNow();
        }

        if (recovered)
        {
            Log.FileWrittenAgain(logger, path);
        }
    }

    public void Failed(string why)
    {
        bool first;
        lock (_gate)
        {
            first = _state != StorageState.Failing || _detail != why;
            Become(StorageState.Failing, why);
        }

        if (first)
        {
            Log.FileNotWritten(logger, path, why);
        }
    }

    public void Off(string why)
    {
        lock (_gate)
        {
            Become(StorageState.Off, why);
        }

        Log.FileLeftAlone(logger, path, why);
    }

    private void Become(StorageState state, string? detail)
    {
        _since = state == _state ? _since : time.GetUtcNow();
        _state = state;
        _detail = detail;
    }
}
