using System.Runtime.InteropServices;

namespace ActorLb.Node.Cli;

/// <summary>
/// The order to stop: the first SIGTERM, SIGINT or SIGQUIT asks for a graceful end, a second one does not wait for it. And, of a
/// server, SIGHUP: the order to have its files read again.
/// </summary>
public sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _requested = new();
    private readonly TaskCompletionSource _whenRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _whenForced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Lock _hangingUp = new();
    private Action? _reload;
    private bool _hungUp;
    private int _signals;

    public CancellationToken Requested => _requested.Token;

    public Task WhenRequested => _whenRequested.Task;

    public Task WhenForced => _whenForced.Task;

    /// <summary>Is told the name of every signal that came and does nothing.</summary>
    public Action<string>? Unused { get; set; }

    /// <summary>Called for every SIGHUP of a server; set, it is called for those that came before.</summary>
    public Action? Reload
    {
        get => _reload;
        set
        {
            bool cameBefore;
            lock (_hangingUp)
            {
                _reload = value;
                cameBefore = _hungUp;
                _hungUp = false;
            }

            if (cameBefore)
            {
                value?.Invoke();
            }
        }
    }

    /// <summary>SIGHUP to a server.</summary>
    public void HangUp()
    {
        Action? reload;
        lock (_hangingUp)
        {
            reload = _reload;
            _hungUp |= reload is null;
        }

        reload?.Invoke();
    }

    public static StopSignals OfThisProcess(HangUp meaning)
    {
        var signals = new StopSignals();
        signals._registrations.AddRange(ProcessSignals.Register(signals, meaning));
        return signals;
    }

    /// <summary>One more signal; false from the second on: do not wait any longer.</summary>
    public bool Raise()
    {
        if (Interlocked.Increment(ref _signals) > 1)
        {
            _whenForced.TrySetResult();
            return false;
        }

        Request();
        return true;
    }

    /// <summary>Asks for the graceful end, however often.</summary>
    public void Request()
    {
        _requested.Cancel();
        _whenRequested.TrySetResult();
    }

    // The token source stays usable: the end of a parent's pipe may come while everything is being put away, and a
    // source without a timer holds nothing.
    public void Dispose() => _registrations.ForEach(r => r.Dispose());
}
