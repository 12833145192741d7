using ActorLb.Node.Cli;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class CheckCommandTests
{
    [Fact]
    public async Task A_good_configuration_is_called_good()
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("check", "-c", "node.conf"));
        Assert.Equal($"configuration is good{Environment.NewLine}", run.Out);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Warnings_are_told_and_do_not_make_it_bad()
    {
        var run = new CommandRun();
        run.Reading = new ConfigurationReading(run.Settings, [], ["node.conf: actorlb.pools.web: has one backend"]);
        Assert.Equal(ExitCode.Good, await run.RunAsync("check", "-c", "node.conf"));
        Assert.Equal($"warning: node.conf: actorlb.pools.web: has one backend{Environment.NewLine}", run.Error);
    }

    [Fact]
    public async Task All_mistakes_are_printed_and_the_exit_code_is_2()
    {
        var run = new CommandRun { Reading = new ConfigurationReading(null, ["a.conf: x: first", "b.conf: y: second"], []) };
        Assert.Equal(ExitCode.WrongUsage, await run.RunAsync("check", "-c", "a.conf", "-c", "b.conf"));
        Assert.Equal($"error: a.conf: x: first{Environment.NewLine}error: b.conf: y: second{Environment.NewLine}", run.Error);
        Assert.Empty(run.Out);
    }
}
