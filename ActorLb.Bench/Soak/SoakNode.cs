using System.Globalization;
using ActorLb.Engine.Listeners;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Bench.Soak;

/// <summary>The node that is soaked, a whole one in a process of its own: each line of its input asks for its figures.</summary>
internal static class SoakNode
{
    public static async Task<int> RunAsync(string configuration)
    {
        ConfigurationResult loaded = ConfigurationLoader.Load([configuration]);
        NodeSettings settings = loaded.Settings ?? throw new InvalidOperationException(string.Join('\n', loaded.Mistakes));
        using ILoggerFactory loggers = LoggerFactory.Create(l => l
            .SetMinimumLevel(LogLevel.Error)
            .AddConsole(c => c.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var node = new BalancerNode(settings, loggers, TimeProvider.System);
        await node.StartAsync(CancellationToken.None);
        Console.Out.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            IReadOnlyList<LoopFigures> loops = node.Lanes.Loops;
            var figures = new SoakFigures(
                Directory.GetFileSystemEntries("/proc/self/fd").Length,
                loops.Sum(l => l.Clients),
                loops.Sum(l => l.BackendConnectionsKept),
                node.Plane.Traffic.Values.Sum(t => t.InFlight),
                loops.Sum(l => l.LentBytes),
                loops.Sum(l => l.KeptBytes),
                GC.GetTotalMemory(forceFullCollection: true),
                Environment.WorkingSet);
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figures.ToLine()}"));
        }

        await node.StopAsync(CancellationToken.None);
        return 0;
    }
}
