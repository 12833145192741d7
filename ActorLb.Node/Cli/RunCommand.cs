using System.CommandLine;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cli;

/// <summary><c>run -c FILE…</c>: one balancer node until a signal ends it.</summary>
internal static class RunCommand
{
    public static Command Create(CommandContext context)
    {
        Option<string[]> files = CommonOptions.ConfigurationFiles(takesInput: false);
        Option<LogLevel?> level = CommonOptions.LevelIfGiven();
        Option<bool> parentPipe = CommonOptions.ParentPipe();
        var command = new Command("run", "Run a balancer node. For example: actorlb run -c common.conf lb1.conf") { files, level, parentPipe };
        command.SetAction(parsed => RunAsync(
            context, parsed.GetRequiredValue(files), parsed.GetValue(level), parsed.GetValue(parentPipe)));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string[] files, LogLevel? level, bool parentPipe)
    {
        // First of all: until then, most signals end the process.
        using StopSignals signals = context.CatchSignals(HangUp.Reloads);
        ConfigurationReading reading = context.LoadConfiguration(files);
        CheckCommand.Report(context, reading);
        if (reading.Settings is not { } settings)
        {
            return ExitCode.WrongUsage;
        }

        if (parentPipe)
        {
            ParentPipe.Watch(context.OpenInput(), signals);
        }

        using ILoggerFactory loggers = context.CreateLoggers(level is { } asked ? settings.Log with { Level = (LogThreshold)asked } : settings.Log);
        ILogger logger = loggers.CreateLogger("ActorLb.Run");
        signals.Unused = name => Log.SignalUnused(logger, name);
        if (settings.Admin.TokenIsFromEnvironment)
        {
            Log.TokenFromEnvironment(logger, AdminOptions.TokenVariable);
        }

        IRunningNode? node = null;
        bool isPrepared = false;
        try
        {
            node = context.CreateNode(settings, loggers, context.Time);
            signals.Reload = node.Reload;
            await node.PrepareAsync(signals.Requested);
            isPrepared = true;
            await node.StartAsync(signals.Requested);
            Log.NodeStarted(logger, settings.Name);
        }
        catch (OperationCanceledException) when (signals.Requested.IsCancellationRequested)
        {
            return node is null ? ExitCode.Good : await StopAsync(context, node, settings, signals, logger);
        }
        catch (Exception e)
        {
            Log.NodeNotStarted(logger, e);
            context.Complain($"{settings.Name} could not start: {StartFailure.Reason(e)}");
            if (node is not null && !isPrepared)
            {
                // Nobody has heard of it, and so there is nothing to leave.
                await node.DisposeAsync();
            }
            else if (node is not null)
            {
                await StopAsync(context, node, settings, signals, logger);
            }

            return ExitCode.Failed;
        }

        Task<string> failed = node.WhenFailed;
        if (await Task.WhenAny(signals.WhenRequested, failed) == failed)
        {
            context.Complain($"{settings.Name} cannot go on and stops; {await failed}");
            await StopAsync(context, node, settings, signals, logger);
            return ExitCode.Failed;
        }

        Log.NodeLeaves(logger, settings.Name, settings.ShutdownTimeout);
        return await StopAsync(context, node, settings, signals, logger);
    }

    private static async Task<int> StopAsync(
        CommandContext context, IRunningNode node, NodeSettings settings, StopSignals signals, ILogger logger)
    {
        // The last tenth is for cutting off what did not finish, so that the end as a whole keeps the timeout.
        using var gentle = new CancellationTokenSource(settings.ShutdownTimeout * 0.9, context.Time);
        try
        {
            Task stopping = StopAndDisposeAsync(node, gentle.Token);
            Task ended = await Task.WhenAny(stopping, signals.WhenForced).WaitAsync(settings.ShutdownTimeout, context.Time);
            if (ended != stopping)
            {
                context.Complain("stopped at once by a second signal");
                return ExitCode.Failed;
            }

            await stopping;
            Log.NodeLeft(logger, settings.Name);
            return ExitCode.Good;
        }
        catch (TimeoutException)
        {
            context.Complain($"{settings.Name} did not stop within {settings.ShutdownTimeout.TotalSeconds} s (node.shutdown-timeout)");
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            context.Complain($"{settings.Name} did not stop cleanly: {StartFailure.Reason(e)}");
            return ExitCode.Failed;
        }
    }

    private static async Task StopAndDisposeAsync(IRunningNode node, CancellationToken cancellation)
    {
        try
        {
            await node.StopAsync(cancellation);
        }
        finally
        {
            await node.DisposeAsync();
        }
    }
}
