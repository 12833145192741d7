namespace ActorLb.Node.Dashboard;

/// <summary>How much of the machine this process takes. Sampled by one thread, read by any.</summary>
internal sealed class NodeLoad(TimeProvider time)
{
    private long _sampledAt;
    private TimeSpan _processor;
    private int _permille;

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    /// <summary>Of one core: 1500 is one and a half.</summary>
    public int ProcessorPermille => Volatile.Read(ref _permille);

    /// <summary>What the process has resident, in bytes.</summary>
    public static long MemoryBytes => Environment.WorkingSet;

    public void Sample()
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long now = time.GetTimestamp();
        if (_sampledAt != 0 && time.GetElapsedTime(_sampledAt, now) is { TotalMilliseconds: > 0 } passed)
        {
            Volatile.Write(ref _permille, (int)((processor - _processor) / passed * 1000));
        }

        (_sampledAt, _processor) = (now, processor);
    }
}
