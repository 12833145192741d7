using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Cli;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.SampleBackend;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging.Abstractions;
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
    public async Task Against_the_files_of_before_it_says_what_would_change_and_what_that_costs_clients()
    {
        var run = new CommandRun();
        PoolSettings pool = run.Settings.Topology.Pools["web"];
        NodeSettings before = run.Settings.With(t => t.WithPool(
            pool with { RetryAttempts = 7, Affinity = pool.Affinity with { Cookie = pool.Affinity.Cookie with { Name = "OLD" } } }));
        run.ReadingOf["old.conf"] = new ConfigurationReading(before with { StopDelay = TimeSpan.FromSeconds(9) }, [], []);
        Assert.Equal(ExitCode.Good, await run.RunAsync("check", "-c", "node.conf", "--against", "old.conf"));
        Assert.Equal(
            """
            configuration is good
            a reload would change pools.web.affinity.cookie.name: "OLD" -> "ALB"
            a reload would change pools.web.retry.attempts: 7 -> 2
            a new start would change node.stop-delay: 9s -> 0s

            """,
            run.Out);
        Assert.StartsWith("warning: pools.web.affinity.cookie.name: who has the cookie OLD", run.Error, StringComparison.Ordinal);

        run = new CommandRun();
        run.ReadingOf["old.conf"] = new ConfigurationReading(null, ["old.conf: wrong"], []);
        Assert.Equal(ExitCode.WrongUsage, await run.RunAsync("check", "-c", "node.conf", "--against", "old.conf"));
    }

    [Theory]
    [InlineData("10.0.0.2 10.0.0.1", true)]
    [InlineData("10.0.0.1 ::1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("", false)]
    public async Task A_name_that_leads_to_several_servers_is_warned_of_with_what_is_done(string addresses, bool warns)
    {
        var run = new CommandRun { Resolver = new FixedResolver(addresses) };
        run.Settings = run.Settings.With(t => t with { Pools = t.Pools.SetItem("web", TestPools.Pool("web", "http://several.example:81")) });
        Assert.Equal(ExitCode.Good, await run.RunAsync("check", "-c", "node.conf"));
        Assert.Equal(
            warns
                ? "warning: actorlb.pools.web.backends: several.example leads to 2 addresses: 10.0.0.1, 10.0.0.2 are tried in this order until one takes the connection; \"dns://several.example:81\" makes each a backend" + Environment.NewLine
                : "",
            run.Error);
    }

    [Fact]
    public async Task Asked_to_probe_it_says_what_each_backend_answers_and_what_to_change()
    {
        await using var server = new SampleServer(new IPEndPoint(IPAddress.Loopback, 0), "web-1", NullLoggerFactory.Instance, TimeProvider.System);
        await server.StartAsync(CancellationToken.None);
        int nobody = LoopbackPorts.Free("127.0.0.1", 1)[0];
        var run = new CommandRun { Resolver = new FixedResolver("127.0.0.1") };
        TimeSpan patience = TimeSpan.FromSeconds(30);
        PoolSettings web = TestPools.Pool("web", $"http://{server.Endpoint}", $"http://127.0.0.1:{nobody}");
        web = web with { Health = web.Health with { Timeout = patience } };
        PoolSettings named = TestPools.Pool("named", []) with { Names = [new NamedBackends("servers", server.Endpoint.Port, 1)] };
        named = named with { Health = named.Health with { Path = "/nowhere", Timeout = patience } };
        run.Settings = TestPools.Node(web, named);

        Assert.Equal(ExitCode.Failed, await run.RunAsync("check", "-c", "node.conf", "--probe"));

        Assert.Equal(
            [
                "configuration is good",
                $"named/{server.Endpoint}: not well (GET /nowhere: 404, expected 200-299); actorlb.pools.named.health.path names what is asked, actorlb.pools.named.health.expect which statuses are well",
                $"web/{server.Endpoint}: well (200)",
                $"web/127.0.0.1:{nobody}: not well (connection refused)",
            ],
            run.Out.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
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
