using ActorLb.Node.Cli;

namespace ActorLb.Node.Demo;

/// <summary>The demo with a process for each node and backend, so that each can be killed.</summary>
internal sealed class ProcessStage : IDemoStage
{
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    private readonly CommandContext _context;
    private readonly bool _restart;
    private readonly (string Name, string[] Arguments)[] _parts;
    private readonly Dictionary<string, ChildProcess> _children = [];
    private readonly TaskCompletionSource<string> _firstLoss = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping;
    private readonly Lock _gate = new();
    private bool _open;

    /// <param name="configurations">Name and file for each node.</param>
    /// <param name="ending">The demo is to end: Ctrl+C reaches the children as well, and what ends then is no loss.</param>
    public ProcessStage(
        CommandContext context,
        DemoLayout layout,
        IEnumerable<(string Name, string File)> configurations,
        DemoOptions options,
        CancellationToken ending)
    {
        _context = context;
        _restart = options.Restart;
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(ending);
        string level = options.Level.ToString().ToLowerInvariant();
        _parts =
        [
            .. layout.Backends.Select(b => (b.Name, new[] { "backend", "--listen", $"127.0.0.1:{b.Port}", "--name", b.Name })),
            .. configurations.Select(c => (c.Name, new[] { "run", "-c", c.File, "--log-level", level })),
        ];
    }

    public Task<string> FirstLoss => _firstLoss.Task;

    public void Open()
    {
        lock (_gate)
        {
            _open = true;
        }
    }

    public int? ProcessIdOf(string name)
    {
        lock (_gate)
        {
            return _children.TryGetValue(name, out ChildProcess? child) ? child.Id : null;
        }
    }

    public Task StartAsync(CancellationToken cancellation)
    {
        foreach ((string name, string[] arguments) in _parts)
        {
            cancellation.ThrowIfCancellationRequested();
            Start(name, arguments);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellation)
    {
        ChildProcess[] children;
        lock (_gate)
        {
            _stopping.Cancel();
            children = [.. _children.Values];
        }

        return Task.WhenAll(children.Select(c => c.StopAsync(cancellation)));
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stopping.Cancel();
            foreach (ChildProcess child in _children.Values)
            {
                child.Dispose();
            }

            _children.Clear();
        }

        return ValueTask.CompletedTask;
    }

    /// <returns>False: all are to end.</returns>
    private bool Start(string name, string[] arguments)
    {
        lock (_gate)
        {
            // A child started after the others were asked to stop would be left behind.
            if (_stopping.IsCancellationRequested)
            {
                return false;
            }

            ChildProcess child = ChildProcess.Start(name, _context.Self, arguments);
            _children[name] = child;
            _ = WatchAsync(child, arguments);
            return true;
        }
    }

    private async Task WatchAsync(ChildProcess child, string[] arguments)
    {
        int code = await child.Exited;
        bool open;
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            open = _open;
        }

        string loss = $"{child.Name} (process {child.Id}) ended with exit code {code}";
        _firstLoss.TrySetResult(loss);
        if (!open)
        {
            return;
        }

        if (!_restart)
        {
            _context.Out.WriteLine($"{loss}. Start it again with: {_context.Self.Line(arguments)}");
            return;
        }

        try
        {
            await Task.Delay(RestartDelay, _context.Time, _stopping.Token);
            if (Start(child.Name, arguments))
            {
                _context.Out.WriteLine($"{loss}. It runs again as process {ProcessIdOf(child.Name)}.");
            }
        }
        catch (OperationCanceledException)
        {
            // The demo ends: nothing to start.
        }
        catch (Exception e)
        {
            _context.Complain($"{child.Name} could not be started again: {StartFailure.Reason(e)}");
        }
    }
}
