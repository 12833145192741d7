using ActorLb.Shared.Settings;

namespace ActorLb.Engine.AccessLogs;

/// <summary>
/// The near end of the access log: lanes write to it, an <see cref="AccessLogWriter"/> carries it to its file. Any
/// thread; never blocks, allocates nothing; a line that finds no room is dropped and counted.
/// </summary>
/// <param name="totals">Where its lines are counted beside those of others before it.</param>
public sealed class AccessLog(AccessLogSettings settings, AccessLogTotals? totals = null)
{
    /// <summary>The longest line, with its line feed.</summary>
    public const int LineBytesMax = AccessLine.BytesMax;

    [ThreadStatic]
    private static byte[]? _line;

    private long _dropped;
    private long _written;
    private volatile bool _failing;

    public AccessLogSettings Settings { get; } = settings;

    /// <summary>What messages call it, at the beginning of a sentence.</summary>
    public string Name { get; init; } = "Access log";

    /// <summary>A file that is made for it is for this user alone.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>The log that this one took the place of, until the writer has followed.</summary>
    internal AccessLog? Replaces { get; set; }

    /// <summary>Lines that the file has.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Lines that nobody will ever read.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>The file cannot be written now; lines wait in the buffer for as long as it has room.</summary>
    public bool Failing
    {
        get => _failing;
        internal set => _failing = value;
    }

    internal AccessFields Fields { get; } = settings.Fields == AccessLogFields.Default ? AccessFields.Default : new AccessFields(settings.Fields);

    internal LineRing Ring { get; } = new(settings.BufferBytes);

    /// <summary>Null where the log is off.</summary>
    public static AccessLog? Of(AccessLogSettings settings, AccessLogTotals totals) => settings.IsOn ? new AccessLog(settings, totals) : null;

    /// <summary>Makes sure that its file is there and can be written.</summary>
    /// <param name="key">Of the configuration, below actorlb.</param>
    /// <exception cref="IOException">It cannot be; the message has the key.</exception>
    public void MakeFile(string key) => AccessLogFile.Make(Settings.Path, key, IsPrivate);

    internal bool TryWrite(in AccessRecord record)
    {
        byte[] line = _line ??= new byte[AccessLine.BytesMax];
        return TryWrite(line.AsSpan(0, AccessLine.Write(line, record, Settings.Format, Fields)));
    }

    /// <param name="line">With its line feed, up to <see cref="LineBytesMax"/> bytes.</param>
    public bool TryWrite(ReadOnlySpan<byte> line)
    {
        if (line.Length <= AccessLine.BytesMax && Ring.TryWrite(line))
        {
            return true;
        }

        Lost(1);
        return false;
    }

    internal void Wrote(int lines)
    {
        Interlocked.Add(ref _written, lines);
        totals?.Wrote(lines);
    }

    internal void Lost(int lines)
    {
        Interlocked.Add(ref _dropped, lines);
        totals?.Lost(lines);
    }
}
