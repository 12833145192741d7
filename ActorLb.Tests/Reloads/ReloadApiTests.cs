using System.Net.Http.Json;
using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using ActorLb.Node.Reloads;
using ActorLb.Node.Topologies;
using ActorLb.Tests.Admin;
using ActorLb.Tests.Cli;
using Xunit;

namespace ActorLb.Tests.Reloads;

/// <summary>What the admin API and the command line say of reloads.</summary>
public sealed class ReloadApiTests
{
    private static readonly ReloadReport Changed = new("node-1", ReloadOutcome.Changed, FakeDesk.Now, 1, 2)
    {
        Changes = [new SettingDifference("limits.idle-timeout", "130s", "3m")],
        NeedStart = [new SettingDifference("node.name", "a", "b")],
        Warnings = ["pools.web: think again"],
    };

    private static readonly ReloadReport Refused = new("node-2", ReloadOutcome.Refused, FakeDesk.Now, 1, 1)
    {
        Mistakes = [new ReloadMistake("n.conf", 3, 4, "actorlb.x", "n.conf:3:4: actorlb.x: wrong")],
    };

    private static readonly ReloadReport Silent = new("node-3", ReloadOutcome.Silent, default, 0, 0);

    [Fact]
    public async Task What_came_of_it_is_answered_key_by_key()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Reloads.Reports = [Changed];
        using HttpClient client = node.Client();
        using HttpResponseMessage response = await client.PostAsync("/api/v1/reload", null);
        Assert.Equal(200, (int)response.StatusCode);
        ReloadDocument.Result result = (await response.Content.ReadFromJsonAsync<ReloadDocument>())!.Nodes.Single();
        Assert.Equal(("changed", "00000001", "00000002"), (result.Outcome, result.Before, result.After));
        Assert.Equal(new ReloadDocument.Difference("limits.idle-timeout", "130s", "3m"), result.Changes.Single());
        Assert.Equal("node.name", result.NeedStart.Single().Key);
        Assert.Equal([(false, false)], node.Reloads.Asked);
    }

    [Theory]
    [InlineData("?all", true, false)]
    [InlineData("?dry-run", false, true)]
    [InlineData("?all&dry-run", true, true)]
    public async Task Who_is_asked_and_for_what_is_in_the_query(string query, bool all, bool isTrial)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using HttpResponseMessage response = await client.PostAsync($"/api/v1/reload{query}", null);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal([(all, isTrial)], node.Reloads.Asked);
    }

    [Fact]
    public async Task Nodes_whose_files_say_different_things_are_named_and_the_command_fails()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Reloads.Reports = [Changed, Changed with { Node = "node-2", After = 2 }, Changed with { Node = "node-3", After = 3 }];
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("reload", "--all", "--admin", node.Url.ToString()));
        Assert.Contains("the nodes do not go by the same: node-1, node-2 by 00000002; node-3 by 00000003; actorlb diff --nodes says in which keys", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_means_nothing_is_refused_and_nothing_is_read()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using HttpResponseMessage response = await client.PostAsync("/api/v1/reload?dryrun", null);
        await ProblemAsync(response, 400, "bad-request");
        Assert.Empty(node.Reloads.Asked);
    }

    [Theory]
    [InlineData(false, 422, "bad-configuration")]
    [InlineData(true, 409, "cannot-run")]
    public async Task A_refusal_is_a_problem_that_says_what_came_of_it_on_each_node(bool isImpossible, int status, string problem)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Reloads.Reports = [Changed, Refused with { IsImpossible = isImpossible }, Silent];
        using HttpClient client = node.Client();
        using HttpResponseMessage response = await client.PostAsync("/api/v1/reload?all", null);
        JsonElement json = await ProblemAsync(response, status, problem);
        Assert.Contains("n.conf:3:4: actorlb.x", json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(["changed", "refused", "silent"], json.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("outcome").GetString()));
        Assert.Equal(3, json.GetProperty("nodes")[1].GetProperty("mistakes")[0].GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task A_node_that_is_silent_is_504()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Reloads.Reports = [Changed, Silent];
        using HttpClient client = node.Client();
        using HttpResponseMessage response = await client.PostAsync("/api/v1/reload?all", null);
        Assert.Contains("node-3", (await ProblemAsync(response, 504, "no-answer")).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_does_not_serve_yet_says_so()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Phase = NodePhase.Starting;
        node.Reloads.Failure = new InvalidOperationException();
        using HttpClient client = node.Client();
        using HttpResponseMessage response = await client.PostAsync("/api/v1/reload", null);
        await ProblemAsync(response, 503, "not-ready");
    }

    [Fact]
    public async Task Status_and_metrics_tell_of_the_last_reload()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Reloads = new ReloadStatus(FakeDesk.Now).With(Changed, isRead: true).With(Refused with { At = FakeDesk.Now.AddSeconds(5) }, isRead: false);
        using HttpClient client = node.Client();
        JsonElement files = (await client.GetFromJsonAsync<JsonElement>("/api/v1/status")).GetProperty("configuration");
        Assert.Equal(("refused", FakeDesk.Now), (files.GetProperty("outcome").GetString(), files.GetProperty("loadedAt").GetDateTimeOffset()));
        Assert.Equal("n.conf:3:4: actorlb.x: wrong", files.GetProperty("mistakes")[0].GetString());
        Assert.Equal("node.name", files.GetProperty("needStart")[0].GetProperty("key").GetString());
        string metrics = await client.GetStringAsync("/metrics");
        Assert.Contains("actorlb_config_reloads_total{outcome=\"refused\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("actorlb_config_reloads_total{outcome=\"unchanged\"} 0", metrics, StringComparison.Ordinal);
        Assert.Contains("actorlb_config_last_reload_successful 0", metrics, StringComparison.Ordinal);
        Assert.Contains("actorlb_config_last_reload_timestamp_seconds 1800000000", metrics, StringComparison.Ordinal);
        Assert.Contains("actorlb_config_static_keys_changed 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_says_what_came_of_it_on_each_node_and_its_exit_code_whether_all_is_well()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Reloads.Reports = [Changed];
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("reload", "--admin", node.Url.ToString()));
        Assert.Equal(
            """
            node-1: 1 change is in force (00000001 -> 00000002)
              limits.idle-timeout: 130s -> 3m
              in force after a new start only: node.name: a -> b

            """,
            run.Out);
        Assert.Equal($"warning: node-1: pools.web: think again{Environment.NewLine}", run.Error);

        node.Reloads.Reports = [Changed, Refused, Silent];
        run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("reload", "--all", "--admin", node.Url.ToString()));
        Assert.Contains("node-2: refused", run.Out, StringComparison.Ordinal);
        Assert.Contains("error: node-2: n.conf:3:4: actorlb.x: wrong", run.Error, StringComparison.Ordinal);
        Assert.Contains("node-3 did not answer", run.Error, StringComparison.Ordinal);

        run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("reload", "--all", "--json", "--admin", node.Url.ToString()));
        Assert.Equal(3, JsonSerializer.Deserialize<JsonElement>(run.Out).GetProperty("nodes").GetArrayLength());
    }

    [Fact]
    public async Task Status_tells_people_of_files_that_were_refused_and_of_keys_that_need_a_new_start()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Reloads = new ReloadStatus(FakeDesk.Now).With(Changed, isRead: true).With(Refused, isRead: false);
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("status", "--admin", node.Url.ToString()));
        Assert.Contains("configuration 00000001, read 2027-01-15T08:00:00Z", run.Out, StringComparison.Ordinal);
        Assert.Contains("the files were refused at 2027-01-15T08:00:00Z, and in force is what was before: n.conf:3:4: actorlb.x: wrong", run.Out, StringComparison.Ordinal);
        Assert.Contains("in force after a new start only: node.name", run.Out, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, int status, string problem)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement json = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"urn:actorlb:problem:{problem}", json.GetProperty("type").GetString());
        return json;
    }
}
