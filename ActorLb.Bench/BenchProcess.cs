using System.Diagnostics;
using System.Globalization;

namespace ActorLb.Bench;

/// <summary>A process that is measured from outside, and ended with us.</summary>
internal sealed class BenchProcess : IAsyncDisposable
{
    private const double TicksPerSecond = 100;

    private readonly Process _process;

    private BenchProcess(Process process) => _process = process;

    public static BenchProcess Self(string[] arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("no path of this program");
        bool isDotnet = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return Start(program, isDotnet ? [typeof(BenchProcess).Assembly.Location, .. arguments] : arguments);
    }

    public static BenchProcess Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false };
        return new BenchProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    /// <summary>User and system time of all its threads, from /proc/PID/stat (proc(5): fields 14 and 15).</summary>
    public double ProcessorSeconds()
    {
        string stat = File.ReadAllText($"/proc/{_process.Id}/stat");

        // The second field is the name in parentheses, and may hold anything.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
