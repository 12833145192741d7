using System.Diagnostics;
using System.Globalization;

namespace ActorLb.Bench;

/// <summary>A process that is measured from outside, and ended with us.</summary>
internal sealed class BenchProcess : IAsyncDisposable
{
    private const double TicksPerSecond = 100;

    private readonly Process _process;

    private BenchProcess(Process process) => _process = process;

    public StreamWriter Input => _process.StandardInput;

    public StreamReader Output => _process.StandardOutput;

    /// <param name="piped">Its standard input and output are ours.</param>
    public static BenchProcess Self(string[] arguments, bool piped = false)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("no path of this program");
        bool isDotnet = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return Start(program, isDotnet ? [typeof(BenchProcess).Assembly.Location, .. arguments] : arguments, piped);
    }

    public static BenchProcess Start(string program, string[] arguments, bool piped = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = piped,
            RedirectStandardOutput = piped,
        };
        return new BenchProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    /// <summary>User and system time of all its threads and of its workers.</summary>
    public double ProcessorSeconds() => ProcessorSeconds(_process.Id) + Workers().Sum(ProcessorSeconds);

    /// <summary>Processes that it started, from /proc/PID/task/TID/children.</summary>
    private IEnumerable<int> Workers() => Directory.EnumerateDirectories($"/proc/{_process.Id}/task")
        .SelectMany(t => File.ReadAllText(Path.Combine(t, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(id => int.Parse(id, CultureInfo.InvariantCulture));

    /// <summary>From /proc/PID/stat (proc(5): fields 14 and 15).</summary>
    private static double ProcessorSeconds(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");

        // The second field is the name in parentheses, and may hold anything.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Memory that it has in RAM, from /proc/PID/status (proc(5): VmRSS, in kB).</summary>
    public long ResidentBytes()
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..^"kB".Length], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
