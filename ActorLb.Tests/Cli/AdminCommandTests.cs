using System.Text.Json;
using System.Text.Json.Nodes;
using ActorLb.Engine.Routing;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Tests.Admin;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class AdminCommandTests
{
    [Fact]
    public async Task Status_prints_nodes_and_backends_without_colour_where_there_is_no_terminal()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Members =
        [
            new NodeMember("node-1", "akka.tcp://actorlb@127.0.0.1:8110", "up", true),
            new NodeMember("[red]node-2[/]", "akka.tcp://actorlb@127.0.0.1:8111", "up", false),
        ];
        node.View.Verdicts = [new Verdict(new BackendName("web", "a"), "node-1", true, "200", FakeDesk.Now)];
        node.Publish(_ => new BackendCondition(BackendHealth.Up, FakeDesk.Now, OperatorState.Draining, null, false, 1));
        var run = new CommandRun();

        Assert.Equal(ExitCode.Good, await run.RunAsync("status", "--admin", node.Url.ToString()));

        Assert.DoesNotContain("\u001b", run.Out, StringComparison.Ordinal);
        Assert.Contains("[red]node-2[/]", run.Out, StringComparison.Ordinal);
        Assert.Contains("up, unreachable", run.Out, StringComparison.Ordinal);
        Assert.Matches(@"up +a +draining +0 +0 +0 +\S+ +0 +0 +1 +http://127\.0\.0\.1:9001 +node-1: up \(200\)", run.Out);
    }

    [Fact]
    public async Task Status_as_json_is_what_the_api_sent()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        var run = new CommandRun { Variables = { [AdminOptions.UrlVariable] = node.Url.ToString() } };

        Assert.Equal(ExitCode.Good, await run.RunAsync("status", "--json"));

        JsonObject sent = JsonNode.Parse(await client.GetStringAsync("/api/v1/status"))!.AsObject();
        JsonObject printed = JsonNode.Parse(run.Out)!.AsObject();
        Assert.True(sent.Remove("time") && printed.Remove("time"));
        Assert.Equal(sent.ToJsonString(), printed.ToJsonString());
    }

    [Theory]
    [InlineData("drain", OperatorState.Draining, "web/a is draining")]
    [InlineData("ready", OperatorState.Ready, "web/a is ready")]
    [InlineData("maintenance", OperatorState.Maintenance, "web/a is maintenance")]
    public async Task Decisions_reach_the_node_and_are_told(string verb, OperatorState state, string sentence)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var run = new CommandRun();

        Assert.Equal(ExitCode.Good, await run.RunAsync(verb, "web/a", "--admin", node.Url.ToString()));

        Assert.Equal(new SetBackendState(new BackendName("web", "a"), state, null), Assert.Single(node.Desk.Taken));
        Assert.Equal(sentence + Environment.NewLine, run.Out);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task A_drain_has_a_deadline_and_a_backend_may_be_a_host_and_port()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(backendIds: "127.0.0.1:9001");
        var run = new CommandRun();

        Assert.Equal(ExitCode.Good, await run.RunAsync("drain", "web/127.0.0.1:9001", "--deadline", "5m", "--json", "--admin", node.Url.ToString()));

        Assert.Equal(TimeSpan.FromMinutes(5), Assert.Single(node.Desk.Taken).DrainFor);
        DecisionDocument? decision = JsonSerializer.Deserialize<DecisionDocument>(run.Out, AdminJson.Written);
        Assert.Equal(("127.0.0.1:9001", FakeDesk.Now.AddMinutes(5)), (decision!.Backend, decision.Deadline!.Value));
    }

    [Fact]
    public async Task A_decision_that_no_majority_has_is_a_failure_that_says_where_it_is()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Desk.ByMajority = false;
        var run = new CommandRun();

        Assert.Equal(ExitCode.Failed, await run.RunAsync("drain", "web/a", "--admin", node.Url.ToString()));

        Assert.Contains("node-1 recorded it", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_that_is_not_on_disk_is_a_failure_that_names_the_full_ones()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Desk.ByMajority = false;
        node.Desk.NotOnDisk = ["node-1", "node-3"];
        var run = new CommandRun();

        Assert.Equal(ExitCode.Failed, await run.RunAsync("drain", "web/a", "--admin", node.Url.ToString()));

        Assert.Contains("node-1, node-3 cannot write it", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_by_which_a_node_may_not_go_yet_is_a_failure_that_names_it()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Desk.NotInForce = ["node-3"];
        var run = new CommandRun();

        Assert.Equal(ExitCode.Failed, await run.RunAsync("maintenance", "web/a", "--admin", node.Url.ToString()));

        Assert.Equal($"web/a is maintenance{Environment.NewLine}", run.Out);
        Assert.Contains("node-3 did not say that it goes by it", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task What_the_api_refuses_is_one_line_and_1()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var run = new CommandRun();

        Assert.Equal(ExitCode.Failed, await run.RunAsync("ready", "web/zzz", "--admin", node.Url.ToString()));

        Assert.Equal($"actorlb: Pool \"web\" has no backend \"zzz\"; there are a, b.{Environment.NewLine}", run.Error);
    }

    [Theory]
    [InlineData("Web/a", "No pool is called \"Web\"; there is web. Did you mean \"web\"?")]
    [InlineData("web/A", "Pool \"web\" has no backend \"A\"; there are a, b. Did you mean \"a\"?")]
    [InlineData("zzz", "No pool has a backend \"zzz\"; there are web/a, web/b.")]
    [InlineData("B", "No pool has a backend \"B\"; there are web/a, web/b. Did you mean \"web/b\"?")]
    [InlineData("web", "\"web\" is a pool: say which of its backends, as web/a, web/b.")]
    public async Task A_name_that_nobody_has_is_answered_with_those_that_there_are_and_the_nearest(string written, string answer)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var run = new CommandRun();

        Assert.Equal(ExitCode.Failed, await run.RunAsync("drain", written, "--admin", node.Url.ToString()));

        Assert.Equal($"actorlb: {answer}{Environment.NewLine}", run.Error);
        Assert.Empty(node.Desk.Taken);
    }

    [Theory]
    [InlineData("drain")]
    [InlineData("ready")]
    [InlineData("maintenance")]
    public async Task A_backend_of_one_pool_alone_needs_no_pool(string verb)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(backendIds: ["web-1", "127.0.0.1:9001"]);
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync(verb, "web-1", "--admin", node.Url.ToString()));
        Assert.Equal(ExitCode.Good, await run.RunAsync(verb, "127.0.0.1:9001", "--admin", node.Url.ToString()));
        Assert.Equal(["web/web-1", "web/127.0.0.1:9001"], node.Desk.Taken.Select(t => t.Backend.ToString()));
    }

    [Fact]
    public async Task A_backend_is_known_by_its_address_with_or_without_scheme_too()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(backendIds: ["web-1", "web-2"]);
        using var status = new AdminClient(node.Url, null, TimeProvider.System);
        string address = (await status.StatusAsync(default)).Pools[0].Backends.Single(b => b.Id == "web-1").Address;
        string bare = address[(address.IndexOf("//", StringComparison.Ordinal) + 2)..].TrimEnd('/');
        foreach (string written in new[] { address, bare, $"http://{bare}/" })
        {
            var run = new CommandRun();
            Assert.Equal((ExitCode.Good, ""), (await run.RunAsync("drain", written, "--admin", node.Url.ToString()), run.Error));
        }

        Assert.All(node.Desk.Taken, t => Assert.Equal("web/web-1", t.Backend.ToString()));
    }

    [Fact]
    public async Task The_token_comes_from_the_command_line_or_the_environment()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(token: "secret");
        string admin = node.Url.ToString();

        var none = new CommandRun();
        Assert.Equal(ExitCode.Failed, await none.RunAsync("status", "--admin", admin));
        Assert.Contains("needs a token (--token or $ACTORLB_ADMIN_TOKEN)", none.Error, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Good, await new CommandRun().RunAsync("status", "--admin", admin, "--token", "secret"));

        var set = new CommandRun { Variables = { [AdminOptions.TokenVariable] = "secret" } };
        Assert.Equal(ExitCode.Good, await set.RunAsync("status", "--admin", admin));
        Assert.Equal(ExitCode.Failed, await set.RunAsync("status", "--admin", admin, "--token", "other"));
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_one_line_and_1()
    {
        var run = new CommandRun();
        int port = LoopbackPorts.Free("127.0.0.1", 1)[0];

        Assert.Equal(ExitCode.Failed, await run.RunAsync("status", "--admin", $"http://127.0.0.1:{port}"));

        Assert.StartsWith($"actorlb: cannot reach http://127.0.0.1:{port}/", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Something_that_is_no_admin_api_is_recognised()
    {
        await using var server = new ActorLb.Node.SampleBackend.SampleServer(
            new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0),
            "web",
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
            TimeProvider.System);
        await server.StartAsync(CancellationToken.None);
        var run = new CommandRun();

        Assert.Equal(ExitCode.Failed, await run.RunAsync("status", "--admin", $"http://{server.Endpoint}"));
        Assert.Contains("answered 404", run.Error, StringComparison.Ordinal);
    }
}
