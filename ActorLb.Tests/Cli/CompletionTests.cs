using System.CommandLine;
using System.Diagnostics;
using ActorLb.Node.Cli;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("dr", "drain")]
    [InlineData("drain --mo", "--move")]
    [InlineData("drain web/a --rat", "--rate")]
    [InlineData("keys ro", "rotate")]
    [InlineData("keys rotate --wi", "--without")]
    [InlineData("status -o ", "wide")]
    [InlineData("run -c a.conf --log-level tr", "trace")]
    [InlineData("completion f", "fish")]
    [InlineData("diff --no", "--nodes")]
    [InlineData("apply --if", "--if-revision")]
    [InlineData("to", "top")]
    [InlineData("top --view tr", "traffic")]
    public async Task A_bash_completes_commands_and_options(string line, string expected)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("completion", "bash"));
        string[] words = ["actorlb", .. line.Split(' ')];
        string script = run.Out + $$"""

            COMP_WORDS=({{string.Join(' ', words.Select(w => $"'{w}'"))}})
            COMP_CWORD={{words.Length - 1}}
            _actorlb
            echo "${COMPREPLY[@]}"
            """;
        Assert.Equal(expected, await InBashAsync(script));
    }

    [Fact]
    public async Task A_bash_completes_all_commands_and_files_where_a_file_belongs()
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("completion", "bash"));
        string all = await InBashAsync(run.Out + "\nCOMP_WORDS=(actorlb '') COMP_CWORD=1\n_actorlb\necho \"${COMPREPLY[@]}\"");
        foreach (Command command in CommandLine.Root(run.Context).Subcommands)
        {
            Assert.Contains(command.Name, all.Split(' '));
        }

        Assert.Equal("", await InBashAsync(run.Out + "\nCOMP_WORDS=(actorlb apply -c '') COMP_CWORD=3\n_actorlb\necho \"${COMPREPLY[@]}\""));
        Assert.Contains("complete -o default -F _actorlb actorlb", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zsh", "bashcompinit")]
    [InlineData("fish", "complete -c actorlb -f -n 'not __fish_seen_subcommand_from run ")]
    public async Task Other_shells_have_a_script_of_their_own(string shell, string expected)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("completion", shell));
        Assert.Contains(expected, run.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.WrongUsage, await new CommandRun().RunAsync("completion", "csh"));
    }

    [Fact]
    public async Task Every_command_has_an_example_in_its_help()
    {
        foreach ((string path, Command command) in CompletionScript.All(CommandLine.Root(new CommandRun().Context)).Where(c => c.Path.Length > 0))
        {
            var run = new CommandRun();
            Assert.Equal(ExitCode.Good, await run.RunAsync([.. path.Split(' '), "--help"]));
            string help = string.Join(' ', run.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            Assert.True(help.Contains("or example: actorlb " + path, StringComparison.Ordinal) || command.Subcommands.Count > 0, path);
        }
    }

    private static async Task<string> InBashAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-u"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await bash.StandardInput.WriteAsync(script + "\n");
        bash.StandardInput.Close();
        Task<string> error = bash.StandardError.ReadToEndAsync();
        string output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.Equal("", await error);
        return output.Trim();
    }
}
