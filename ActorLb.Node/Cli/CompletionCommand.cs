using System.CommandLine;

namespace ActorLb.Node.Cli;

/// <summary><c>completion bash|zsh|fish</c>: a script by which a shell completes commands, options and their words.</summary>
internal static class CompletionCommand
{
    /// <param name="root">All commands.</param>
    public static Command Create(CommandContext context, Func<Command> root)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command(
            "completion",
            "Print a script by which a shell completes commands and options. For example: actorlb completion bash > ~/.local/share/bash-completion/completions/actorlb, or source <(actorlb completion zsh)")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            context.Out.Write(CompletionScript.For(parsed.GetRequiredValue(shell), root()));
            return ExitCode.Good;
        });
        return command;
    }
}
