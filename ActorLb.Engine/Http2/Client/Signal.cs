using System.Threading.Tasks.Sources;

namespace ActorLb.Engine.Http2.Client;

/// <summary>Wakes the one who waits. Whoever calls it holds the lock that guards what is waited for, always the same one.</summary>
internal sealed class Signal : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private bool _isAwaited;

    /// <summary>To be awaited once, after the lock was left.</summary>
    public ValueTask WaitAsync()
    {
        _core.Reset();
        _isAwaited = true;
        return new ValueTask(this, _core.Version);
    }

    public void Wake()
    {
        if (_isAwaited)
        {
            _isAwaited = false;
            _core.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
