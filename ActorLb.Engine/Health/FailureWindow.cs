namespace ActorLb.Engine.Health;

/// <summary>The times of a backend's last failures, as many as open its circuit. Changed under its own lock, by failures only.</summary>
internal sealed class FailureWindow
{
    private readonly long[] _at;
    private readonly long _window;
    private readonly Lock _lock = new();
    private int _next;
    private int _count;

    /// <param name="failures">As many within the window are too many; at least 1.</param>
    /// <param name="window">In the units of the timestamps.</param>
    public FailureWindow(int failures, long window)
    {
        _at = new long[failures];
        _window = window;
    }

    /// <summary>Notes a failure; true where it is one too many, and then counting starts anew.</summary>
    public bool Failed(long timestamp)
    {
        lock (_lock)
        {
            _at[_next] = timestamp;
            _next = (_next + 1) % _at.Length;
            _count = Math.Min(_count + 1, _at.Length);
            if (_count < _at.Length || timestamp - _at[_next] > _window)
            {
                return false;
            }

            _count = 0;
            return true;
        }
    }
}
