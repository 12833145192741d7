using System.Diagnostics;
using ActorLb.Node.Cli;

namespace ActorLb.Node.Demo;

/// <summary>
/// One node or backend as a process of its own. It holds the other end of the child's stdin: closing it asks the
/// child to stop, and if this process dies in whatever way, the kernel closes it.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(string name, Process process)
    {
        Name = name;
        _process = process;
        Id = process.Id;
        Exited = WaitAsync();
    }

    public string Name { get; }

    public int Id { get; }

    /// <summary>Completes with the exit code; 128 and the signal's number where a signal ended it.</summary>
    public Task<int> Exited { get; }

    public static ChildProcess Start(string name, SelfCommand self, IReadOnlyList<string> arguments)
    {
        Process process = Process.Start(self.Start([.. arguments, "--parent-pipe"]))
            ?? throw new InvalidOperationException($"{name} could not be started");
        return new ChildProcess(name, process);
    }

    /// <summary>Asks it to stop and waits; when the token is cancelled, it is killed.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _process.StandardInput.Close();
        try
        {
            await Exited.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await Exited;
        }
    }

    public void Dispose()
    {
        if (!Exited.IsCompleted)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }
}
