using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>The command line: which commands there are, and what becomes of mistakes in using them.</summary>
internal static class CommandLine
{
    /// <summary>Parses, runs, and returns the exit code. Whatever goes wrong is one line on stderr.</summary>
    /// <param name="more">Commands of folders above this one.</param>
    public static async Task<int> RunAsync(string[] args, CommandContext context, params Func<CommandContext, Command>[] more)
    {
        context = context with { Out = new VisibleWriter(context.Out), Error = new VisibleWriter(context.Error) };

        // Signals are the commands' own business, and a file name may begin with an @.
        ParseResult parsed = Root(context, more).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // Help of a command that is none would be that of all.
        bool isUnknown = parsed.UnmatchedTokens.Count > 0 && parsed.CommandResult.Command.Subcommands.Count > 0;
        if (isUnknown || (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction))
        {
            context.Complain(Mistake(parsed));
            context.Error.WriteLine($"Try '{PathOf(parsed.CommandResult.Command)} --help'.");
            return ExitCode.WrongUsage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = context.Out,
                Error = context.Error,
            });
        }
        catch (Exception e)
        {
            context.Complain(StartFailure.Reason(e));
            return ExitCode.Failed;
        }
    }

    private static Command Root(CommandContext context, Func<CommandContext, Command>[] more)
    {
        Command root = Root(context);
        for (int i = 0; i < more.Length; i++)
        {
            // Behind the one that runs a node.
            root.Subcommands.Insert(1 + i, more[i](context));
        }

        root.Subcommands.Add(CompletionCommand.Create(context, () => Root(context, more)));
        return root;
    }

    internal static Command Root(CommandContext context) =>
        new("actorlb", "An HTTP load balancer that is a cluster by itself.")
        {
            RunCommand.Create(context),
            BackendCommand.Create(context),
            CheckCommand.Create(context),
            ApplyCommand.Create(context),
            HistoryCommand.Create(context),
            RouteCommand.Create(context),
            RollbackCommand.Create(context),
            DiffCommand.Create(context),
            ExportCommand.Create(context),
            ReloadCommand.Create(context),
            StatusCommand.Create(context),
            EventsCommand.Create(context),
            SessionsCommand.Create(context),
            DrainCommand.Create(context),
            OperatorCommands.Ready(context),
            OperatorCommands.Maintenance(context),
            BackendCommands.Add(context),
            BackendCommands.Remove(context),
            BackendCommands.Weight(context),
            ResetCommand.Create(context),
            KeysCommand.Create(context),
            new HelpOption(),
            new VersionOption { Action = new PrintVersion() },
        };

    // What was not understood says more than what is missing because of it.
    private static string Mistake(ParseResult parsed) => parsed.UnmatchedTokens.Count > 0
        ? $"there is no command or option '{parsed.UnmatchedTokens[0]}' here"
        : parsed.Errors[0].Message.ReplaceLineEndings("\n").Replace("\n\t", " ", StringComparison.Ordinal).Replace('\n', ' ');

    private static string PathOf(Command command) =>
        string.Join(' ', command.Parents.OfType<Command>().Select(p => p.Name).Append(command.Name));

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ProductVersion.Text);
            return ExitCode.Good;
        }
    }
}
