using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Nodes;

/// <summary>
/// Looks every few seconds whether the parts of a node still run. The first that does not, and will not by itself, is the node's
/// failure: it stays one, so that whoever asks for liveness hears of it until the process has ended.
/// </summary>
internal sealed class NodeWatch : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Lock _look = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly (string Part, Func<string?> Failure)[] _parts;
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;
    private volatile bool _isOver;

    /// <param name="parts">What is looked at, and why it has failed; null: it has not.</param>
    public NodeWatch(TimeProvider time, ILogger logger, params (string Part, Func<string?> Failure)[] parts)
    {
        _time = time;
        _logger = logger;
        _parts = parts;
    }

    /// <summary>Complete at the first failure, with it.</summary>
    public Task<string> WhenFailed => _failed.Task;

    public bool HasFailed => _failed.Task.IsCompleted;

    /// <summary>Looks from now on.</summary>
    public void Start() => _timer ??= _time.CreateTimer(static w => ((NodeWatch)w!).Look(), this, Period, Period);

    /// <summary>Looks no more: what ends from now on is to.</summary>
    public void Dispose()
    {
        _isOver = true;
        _timer?.Dispose();
    }

    private void Look()
    {
        lock (_look)
        {
            foreach ((string part, Func<string?> failure) in _parts)
            {
                string? why = Ask(failure);
                if (why is not null && !_isOver && _failed.TrySetResult($"{part}: {why}"))
                {
                    Log.NodeCannotGoOn(_logger, part, why);
                }
            }
        }
    }

    // Who cannot be asked is no better than who has failed.
    private static string? Ask(Func<string?> failure)
    {
        try
        {
            return failure();
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }
}
