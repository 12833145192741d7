using ActorLb.Engine.Files;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.AccessLogs;

/// <summary>
/// The file at a path, whichever that is: one that was moved or deleted (as logrotate does) is noticed within
/// <see cref="CheckInterval"/> and opened anew, and one that was cut to nothing (its copytruncate) is written from
/// there. Used by one thread.
/// </summary>
/// <param name="isPrivate">A file that is made is for this user alone.</param>
internal sealed class AccessLogFile(string path, TimeProvider time, bool isPrivate = false) : IDisposable
{
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private Stream? _stream;
    private string? _place;
    private long _checkedAt;

    /// <summary>Makes sure that there is such a file and that it can be written; true where it was made for that.</summary>
    /// <param name="key">Of the configuration, that names the path.</param>
    /// <exception cref="IOException">There cannot be; the message has the key.</exception>
    public static bool Make(string path, string key = "access-log.path", bool isPrivate = false)
    {
        if (path == AccessLogSettings.StandardOutput)
        {
            return false;
        }

        try
        {
            bool isThere = File.Exists(path);
            using FileStream file = OpenFile(path, isPrivate);
            return !isThere;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException($"'{path}' cannot be written ({key}): {e.Message}", e);
        }
    }

    /// <summary>All of the lines, or none of them where it throws.</summary>
    /// <param name="lines">None: only looks whether the file is there.</param>
    /// <exception cref="IOException">The disk is full, or the directory is gone.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not write there.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        Stream stream = Current();
        if (lines.IsEmpty)
        {
            return;
        }

        long end = stream.CanSeek ? stream.Seek(0, SeekOrigin.End) : 0;
        try
        {
            stream.Write(lines);
        }
        catch (IOException)
        {
            CutOff(stream, end);
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _stream = null;
    }

    private Stream Current()
    {
        if (_stream is not null && time.GetElapsedTime(_checkedAt) >= CheckInterval)
        {
            _checkedAt = time.GetTimestamp();
            if (WasMoved(_stream))
            {
                Dispose();
            }
        }

        return _stream ?? Open();
    }

    private Stream Open()
    {
        _checkedAt = time.GetTimestamp();
        if (path == AccessLogSettings.StandardOutput)
        {
            return _stream = Console.OpenStandardOutput();
        }

        FileStream file = OpenFile(path, isPrivate);
        _place = PlaceOf(file);
        return _stream = file;
    }

    private static FileStream OpenFile(string path, bool isPrivate)
    {
        FileKind.RefusePipes(path);
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (isPrivate && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private bool WasMoved(Stream stream) =>
        stream is FileStream file && (OperatingSystem.IsLinux() ? PlaceOf(file) != _place : !File.Exists(path));

    // Where the open file is now: its path, another one after a move, and "… (deleted)" after its end.
    private static string? PlaceOf(FileStream file) => OperatingSystem.IsLinux()
        ? new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget
        : null;

    // Half a line would stick to the next one.
    private static void CutOff(Stream stream, long end)
    {
        try
        {
            if (stream.CanSeek)
            {
                stream.SetLength(end);
            }
        }
        catch (Exception e) when (e is IOException or NotSupportedException or UnauthorizedAccessException or ArgumentException)
        {
        }
    }
}
