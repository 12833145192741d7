using System.ComponentModel;
using System.Diagnostics;

namespace ActorLb.Chaos.Lab;

/// <summary>
/// A process of the run. We hold its stdin; what is started with --parent-pipe, and cat, end when it closes, so nothing
/// is left of a run whose own process was killed.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public static ChildProcess Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, UseShellExecute = false };
        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    /// <summary>Its output goes to the end of a file.</summary>
    public static ChildProcess StartLogged(string log, params string[] command) =>
        Start("sh", ["-c", "log=$1; shift; exec \"$@\" >> \"$log\" 2>&1", "sh", log, .. command]);

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InvalidOperationException">It is not there, or failed; with what it complained of.</exception>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int code, string output, string complaints) = await EndAsync(program, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {code}\n{complaints}");
    }

    /// <summary>The same, for commands that may fail: their exit code, and what they said on stdout and stderr.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static async Task<(int Code, string Output, string Complaints)> EndAsync(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }) ?? throw new InvalidOperationException($"{program} did not start");
            Task<string> complaints = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, output, await complaints);
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{program}: {e.Message}", e);
        }
    }

    public static Task<string> ShellAsync(string script) => RunAsync("sh", "-ec", script);

    public Task SignalAsync(string signal) => RunAsync("kill", $"-{signal}", $"{Id}");

    public async Task<int> WhenEndedAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
