namespace ActorLb.Engine.AccessLogs;

/// <summary>What became of the lines of all access logs that a node has had, one after the other. Any thread.</summary>
public sealed class AccessLogTotals
{
    private long _written;
    private long _dropped;

    /// <summary>Lines that files have.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Lines that nobody will ever read.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    internal void Wrote(int lines) => Interlocked.Add(ref _written, lines);

    internal void Lost(int lines) => Interlocked.Add(ref _dropped, lines);
}
