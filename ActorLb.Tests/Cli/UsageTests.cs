using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class UsageTests
{
    [Fact]
    public async Task Help_names_the_program_and_every_command()
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("--help"));
        Assert.Contains("actorlb [command]", run.Out, StringComparison.Ordinal);
        foreach (string command in new[] { "run", "demo", "backend", "check", "status", "drain", "ready", "maintenance", "add", "remove", "weight", "reset", "diff" })
        {
            Assert.Matches($"(?m)^  {command} ", run.Out);
        }
    }

    [Fact]
    public async Task Help_of_a_command_needs_none_of_its_options()
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("run", "--help"));
        Assert.Contains("actorlb run", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("--parent-pipe", run.Out, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Version_is_the_products()
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("--version"));
        Assert.Equal(ProductVersion.Text + Environment.NewLine, run.Out);
    }

    [Theory]
    [InlineData("")]
    [InlineData("fly")]
    [InlineData("fly --help")]
    [InlineData("keys fly --help")]
    [InlineData("run")]
    [InlineData("run -c")]
    [InlineData("run --config a --log-level loud")]
    [InlineData("run -c a --log-level 3")]
    [InlineData("check")]
    [InlineData("check -c a --json")]
    [InlineData("status extra")]
    [InlineData("status --admin nonsense")]
    [InlineData("status --admin ftp://127.0.0.1")]
    [InlineData("drain")]
    [InlineData("drain web/")]
    [InlineData("drain /a")]
    [InlineData("drain web/a --deadline soon")]
    [InlineData("drain web/a --deadline 0s")]
    [InlineData("drain web/a --rate 200")]
    [InlineData("drain web/a --move --rate 0")]
    [InlineData("drain web/a --move --rate 1000001")]
    [InlineData("drain web/a --move --rate fast")]
    [InlineData("drain web/a --move --rate -1")]
    [InlineData("ready web/a --move")]
    [InlineData("status --admin http://127.0.0.1:1,nonsense")]
    [InlineData("ready web/a --deadline 5m")]
    [InlineData("demo --affinity sometimes")]
    [InlineData("demo --restart")]
    [InlineData("backend --listen nowhere")]
    [InlineData("backend --listen 127.0.0.1")]
    public async Task Wrong_usage_ends_with_2_one_line_and_a_hint(string line)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.WrongUsage, await run.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        string[] lines = run.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("actorlb: ", lines[0], StringComparison.Ordinal);
        Assert.Matches("^Try 'actorlb( [a-z]+)? --help'\\.$", lines[1]);
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("status fly")]
    [InlineData("fly status")]
    public async Task What_was_not_understood_is_named(string line)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.WrongUsage, await run.RunAsync(line.Split(' ')));
        Assert.Contains("'fly'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_url_from_the_environment_that_is_none_is_wrong_usage()
    {
        var run = new CommandRun { Variables = { [AdminOptions.UrlVariable] = "nonsense" } };
        Assert.Equal(ExitCode.WrongUsage, await run.RunAsync("status"));
        Assert.Contains("ACTORLB_ADMIN: 'nonsense'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_name_may_begin_with_an_at_sign()
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("check", "-c", "@node.conf", "second.conf", "-c", "third.conf"));
        Assert.Equal(["@node.conf", "second.conf", "third.conf"], run.LoadedFiles);
    }
}
