using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Cli;
using ActorLb.Node.Cluster.Discovery;
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

    [Theory]
    [InlineData("10.0.0.2 10.0.0.1", true)]
    [InlineData("10.0.0.1 ::1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("", false)]
    public async Task A_name_that_leads_to_several_servers_is_warned_of_with_what_is_done(string addresses, bool warns)
    {
        var run = new CommandRun { Resolver = new FixedResolver(addresses) };
        run.Settings = run.Settings with { Pools = run.Settings.Pools.SetItem("web", TestPools.Pool("web", "http://several.example:81")) };
        Assert.Equal(ExitCode.Good, await run.RunAsync("check", "-c", "node.conf"));
        Assert.Equal(
            warns
                ? "warning: actorlb.pools.web.backends: several.example leads to 2 addresses: 10.0.0.1, 10.0.0.2 are tried in this order until one takes the connection; \"dns://several.example:81\" makes each a backend" + Environment.NewLine
                : "",
            run.Error);
    }

    [Fact]
    public async Task All_mistakes_are_printed_and_the_exit_code_is_2()
    {
        var run = new CommandRun { Reading = new ConfigurationReading(null, ["a.conf: x: first", "b.conf: y: second"], []) };
        Assert.Equal(ExitCode.WrongUsage, await run.RunAsync("check", "-c", "a.conf", "-c", "b.conf"));
        Assert.Equal($"error: a.conf: x: first{Environment.NewLine}error: b.conf: y: second{Environment.NewLine}", run.Error);
        Assert.Empty(run.Out);
    }

    private sealed class FixedResolver(string addresses) : INameResolver
    {
        public Task<ImmutableArray<IPAddress>?> ResolveAsync(string name, CancellationToken cancellation) => Task.FromResult<ImmutableArray<IPAddress>?>(
            addresses.Length == 0 ? null : [.. addresses.Split(' ').Select(IPAddress.Parse)]);
    }
}
