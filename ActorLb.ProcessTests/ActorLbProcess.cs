using System.Diagnostics;
using System.Text;

namespace ActorLb.ProcessTests;

/// <summary>One process that this test started, actorlb or what stands beside it, and its output.</summary>
public sealed class ActorLbProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ActorLbProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += Collect;
        _process.ErrorDataReceived += Collect;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool IsRunning => !_process.HasExited;

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static ActorLbProcess Start(params string[] arguments) => StartFrom("", arguments);

    /// <param name="shell">What a shell does before it becomes the process, as <c>ulimit -n 256</c>; empty: no shell.</param>
    public static ActorLbProcess StartFrom(string shell, params string[] arguments)
    {
        string node = Path.Combine(AppContext.BaseDirectory, "ActorLb.Node.dll");
        return shell.Length == 0
            ? StartProgram("dotnet", [], [node, .. arguments])
            : StartProgram("bash", [], ["-c", $"{shell}; exec dotnet \"$0\" \"$@\"", node, .. arguments]);
    }

    public static ActorLbProcess StartProgram(string program, Dictionary<string, string> environment, params string[] arguments)
    {
        // As from a terminal: a shell has what it starts in the background ignore these.
        var start = new ProcessStartInfo("env") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["--default-signal=INT,QUIT", program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        // Several nodes share the test machine's cores.
        start.Environment["DOTNET_gcServer"] = "0";
        return new ActorLbProcess(new Process { StartInfo = start });
    }

    public void ThrowIfExited()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"{_process.StartInfo.ArgumentList[1]} ended with {_process.ExitCode}:\n{Output}");
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Signal(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        Signal("TERM");
        return await ExitCodeAsync();
    }

    /// <param name="bound">Of a process that takes longer than others, which have a minute.</param>
    public async Task<int> ExitCodeAsync(TimeSpan? bound = null)
    {
        using var over = new CancellationTokenSource(bound ?? TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(over.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Collect(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }
}
