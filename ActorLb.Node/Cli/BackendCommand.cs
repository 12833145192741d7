using System.CommandLine;
using System.Net;
using ActorLb.Node.SampleBackend;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cli;

/// <summary><c>backend --listen A --name N</c>: the sample backend until a signal ends it.</summary>
internal static class BackendCommand
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    public static Command Create(CommandContext context)
    {
        var listen = new Option<IPEndPoint>("--listen")
        {
            Description = "Where it listens; port 0 takes a free one.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = _ => new IPEndPoint(IPAddress.Loopback, 9001),
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (IPEndPoint.TryParse(text, out IPEndPoint? endpoint) && text.EndsWith($":{endpoint.Port}", StringComparison.Ordinal))
                {
                    return endpoint;
                }

                result.AddError($"'{text}' is no address with a port, such as 127.0.0.1:9001.");
                return null;
            },
        };
        var name = new Option<string>("--name")
        {
            Description = "What it calls itself.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "backend",
        };
        Option<LogLevel> level = CommonOptions.Level(LogLevel.Warning);
        Option<bool> parentPipe = CommonOptions.ParentPipe();
        var command = new Command("backend", "Run the sample backend: a small site that shows who answered. For example: actorlb backend --listen 127.0.0.1:9001 --name one")
        {
            listen, name, level, parentPipe,
        };
        command.SetAction(parsed => RunAsync(
            context,
            parsed.GetRequiredValue(listen),
            parsed.GetRequiredValue(name),
            parsed.GetValue(level),
            parsed.GetValue(parentPipe)));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, IPEndPoint listen, string name, LogLevel level, bool parentPipe)
    {
        using StopSignals signals = context.CatchSignals(HangUp.EndsWithTerminal);
        if (parentPipe)
        {
            ParentPipe.Watch(context.OpenInput(), signals);
        }

        using ILoggerFactory loggers = context.CreateLoggers(LogSettings.Default with { Level = (LogThreshold)level });
        await using var server = new SampleServer(listen, name, loggers, context.Time);
        try
        {
            await server.StartAsync(signals.Requested);
        }
        catch (OperationCanceledException) when (signals.Requested.IsCancellationRequested)
        {
            return ExitCode.Good;
        }
        catch (Exception e)
        {
            context.Complain($"{name} could not start: {StartFailure.Reason(e)}");
            return ExitCode.Failed;
        }

        if (!parentPipe)
        {
            context.Out.WriteLine($"{name} listens on http://{server.Endpoint}");
        }

        await signals.WhenRequested;
        using var deadline = new CancellationTokenSource(ShutdownTimeout, context.Time);
        Task stopping = server.StopAsync(deadline.Token);
        return await Task.WhenAny(stopping, signals.WhenForced) == stopping ? ExitCode.Good : ExitCode.Failed;
    }
}
