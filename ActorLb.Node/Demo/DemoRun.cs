using System.Collections.Immutable;
using ActorLb.Node.Cli;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Demo;

/// <summary>What the user asked of the demo.</summary>
/// <param name="Sticky">False: affinity off.</param>
internal sealed record DemoOptions(bool Processes, bool Restart, bool Sticky, LogLevel Level);

/// <summary>The demo from its first check to its last trace removed.</summary>
internal static class DemoRun
{
    /// <summary>Four times what a slow machine needs.</summary>
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(CommandContext context, DemoLayout layout, DemoOptions options)
    {
        ImmutableArray<string> taken = layout.TakenPorts();
        if (!taken.IsEmpty)
        {
            context.Complain($"the demo needs ports on 127.0.0.1 that are taken: {string.Join(", ", taken)}");
            return ExitCode.Failed;
        }

        DirectoryInfo directory = Directory.CreateTempSubdirectory("actorlb-demo-");
        try
        {
            using StopSignals signals = context.CatchSignals(HangUp.EndsWithTerminal);
            signals.Unused = name => context.Out.WriteLine($"{name} came and does nothing: Ctrl+C ends the demo");
            using ILoggerFactory loggers = context.CreateLoggers(LogSettings.Default with { Level = (LogThreshold)options.Level });
            await using IDemoStage stage = await SetAsync(context, options, layout, directory.FullName, loggers, signals.Requested);
            return await PlayAsync(context, options, layout, stage, signals);
        }
        catch (Exception e)
        {
            context.Complain($"the demo failed: {StartFailure.Reason(e)}");
            return ExitCode.Failed;
        }
        finally
        {
            Remove(context, directory);
        }
    }

    private static async Task<IDemoStage> SetAsync(
        CommandContext context,
        DemoOptions options,
        DemoLayout layout,
        string directory,
        ILoggerFactory loggers,
        CancellationToken ending)
    {
        (string Name, string Text)[] configurations =
        [
            .. layout.Nodes.Select(n => (n.Name, DemoConfiguration.Write(layout, n, Path.Combine(directory, n.Name), options.Sticky))),
        ];
        if (!options.Processes)
        {
            return new InProcessStage(context, layout, configurations, loggers);
        }

        var files = new List<(string Name, string File)>();
        foreach ((string name, string text) in configurations)
        {
            string file = Path.Combine(directory, $"{name}.conf");
            await File.WriteAllTextAsync(file, text, ending);
            files.Add((name, file));
        }

        return new ProcessStage(context, layout, files, options, ending);
    }

    private static async Task<int> PlayAsync(
        CommandContext context, DemoOptions options, DemoLayout layout, IDemoStage stage, StopSignals signals)
    {
        long started = context.Time.GetTimestamp();
        context.Out.WriteLine($"Starting {layout.Nodes.Length} nodes and {layout.Backends.Length} servers ...");
        bool ready;
        try
        {
            await stage.StartAsync(signals.Requested);
            ready = await BecomeReadyAsync(context, layout, stage, signals);
        }
        catch (OperationCanceledException) when (signals.Requested.IsCancellationRequested)
        {
            ready = false;
        }

        if (ready)
        {
            stage.Open();
            context.Out.WriteLine($"Ready after {context.Time.GetElapsedTime(started).TotalSeconds:0.0} s.");
            context.Out.Write(DemoGuide.Write(layout, options, context.Self, stage.ProcessIdOf) + "\n");
            await signals.WhenRequested;
        }

        bool asked = signals.Requested.IsCancellationRequested;
        context.Out.WriteLine("Stopping ...");
        using var deadline = new CancellationTokenSource(StopTimeout, context.Time);
        Task stopping = stage.StopAsync(deadline.Token);
        if (await Task.WhenAny(stopping, signals.WhenForced) != stopping)
        {
            return ExitCode.Failed;
        }

        await stopping;
        return asked ? ExitCode.Good : ExitCode.Failed;
    }

    /// <summary>False: it did not come about, and why has been said.</summary>
    private static async Task<bool> BecomeReadyAsync(
        CommandContext context, DemoLayout layout, IDemoStage stage, StopSignals signals)
    {
        var readiness = new DemoReadiness(context, layout);
        using var timeout = new CancellationTokenSource(ReadyTimeout, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(signals.Requested, timeout.Token);
        try
        {
            Task waiting = readiness.WaitAsync(either.Token);
            if (await Task.WhenAny(waiting, stage.FirstLoss) == waiting)
            {
                await waiting;
                return true;
            }

            await either.CancelAsync();
            context.Complain($"the demo did not come up: {await stage.FirstLoss}");
            return false;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            context.Complain($"the demo did not come up within {ReadyTimeout.TotalSeconds} s: {readiness.Missing}");
            return false;
        }
    }

    private static void Remove(CommandContext context, DirectoryInfo directory)
    {
        try
        {
            directory.Delete(recursive: true);
        }
        catch (IOException e)
        {
            context.Complain($"{directory.FullName} is left behind: {e.Message}");
        }
    }
}
