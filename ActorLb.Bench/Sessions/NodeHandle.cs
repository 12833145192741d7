using System.Diagnostics;
using System.Globalization;

namespace ActorLb.Bench.Sessions;

/// <summary>A session node in a process of its own, spoken to line by line.</summary>
internal sealed class NodeHandle : IAsyncDisposable
{
    private const double TicksPerSecond = 100;

    private readonly Process _process;

    private NodeHandle(Process process, long startedAt)
    {
        _process = process;
        StartedAt = startedAt;
    }

    /// <summary>When its process was started, in ticks of the machine's monotonic clock.</summary>
    public long StartedAt { get; }

    /// <summary>When it became a member that is up.</summary>
    public long UpAt { get; private set; }

    /// <summary>When it opened its listeners, as seen from here.</summary>
    public long ReadyAt { get; private set; }

    public static NodeHandle Start(string[] arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("no path of this program");
        bool isDotnet = Path.GetFileNameWithoutExtension(program) == "dotnet";
        var start = new ProcessStartInfo(program, isDotnet ? [typeof(NodeHandle).Assembly.Location, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        long startedAt = TimeProvider.System.GetTimestamp();
        return new NodeHandle(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"), startedAt);
    }

    public async Task ReadyAsync()
    {
        string line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("a node ended before it was ready");
        UpAt = long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
        ReadyAt = TimeProvider.System.GetTimestamp();
    }

    public async Task<string> DoAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"a node ended during '{command}'");
    }

    /// <summary>User and system time of all its threads, from /proc/PID/stat (proc(5): fields 14 and 15).</summary>
    public double ProcessorSeconds()
    {
        string stat = File.ReadAllText($"/proc/{_process.Id}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
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
