using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using ActorLb.Node.Admin;
using ActorLb.Node.Overlays;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class BackendApiTests
{
    private const string Backends = "/api/v1/pools/web/backends";

    [Fact]
    public async Task An_addition_reaches_the_cluster_and_is_answered_in_the_documented_shape()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        HttpResponseMessage answer = await client.PostAsJsonAsync(Backends, new { address = "http://10.0.0.7:80", id = "c", weight = 2 });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(new AddBackend(new BackendName("web", "c"), new Uri("http://10.0.0.7"), 2), Assert.Single(node.Backends.Taken));
        Assert.Equal(
            """{"pool":"web","backend":"c","overlay":"added","address":"http://10.0.0.7","weight":2,"deadline":null,"version":1,"node":"node-1","unchanged":false,"confirmed":true,"notOnDisk":[],"notInForce":[],"operator":"ready","backup":false,"nobodyElse":false,"moving":null}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("null", null)]
    public async Task A_backend_may_be_added_as_a_backup(string said, bool? expected)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        var body = new StringContent($$"""{"address":"http://10.0.0.7","id":"c","backup":{{said}}}""", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync(Backends, body)).StatusCode);
        Assert.Equal(new AddBackend(new BackendName("web", "c"), new Uri("http://10.0.0.7"), null) { IsBackup = expected }, Assert.Single(node.Backends.Taken));
    }

    [Fact]
    public async Task A_backend_without_an_id_is_called_by_its_address()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        await client.PostAsJsonAsync(Backends, new { address = "http://10.0.0.7" });
        Assert.Equal(new AddBackend(new BackendName("web", "10.0.0.7:80"), new Uri("http://10.0.0.7"), null), Assert.Single(node.Backends.Taken));
    }

    [Theory]
    [InlineData("{}", 400, "bad-request")]
    [InlineData("{\"address\":\"10.0.0.7\"}", 400, "bad-address")]
    [InlineData("{\"address\":\"http://10.0.0.7/path\"}", 400, "bad-address")]
    [InlineData("{\"address\":\"ftp://10.0.0.7\"}", 400, "bad-address")]
    [InlineData("{\"address\":\"dns://web:80\"}", 400, "bad-address")]
    [InlineData("{\"address\":\"http://10.0.0.7\",\"id\":\"a b\"}", 400, "bad-request")]
    [InlineData("{\"address\":\"http://10.0.0.7\",\"weight\":0}", 400, "bad-weight")]
    [InlineData("{\"address\":\"http://10.0.0.7\",\"weight\":257}", 400, "bad-weight")]
    [InlineData("{\"address\":\"http://10.0.0.7\",\"backup\":1}", 400, "bad-request")]
    [InlineData("{\"address\":\"http://10.0.0.7\",\"other\":1}", 400, "bad-request")]
    public async Task What_cannot_be_added_is_refused_by_name_and_nothing_is_asked(string body, int status, string problem)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        await ProblemAsync(await client.PostAsync(Backends, new StringContent(body, Encoding.UTF8, "application/json")), status, problem);
        Assert.Empty(node.Backends.Taken);
    }

    [Fact]
    public async Task A_removal_has_a_deadline_or_none_or_is_now()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        foreach (string query in new[] { "", "?deadline=5m", "?now" })
        {
            Assert.Equal(HttpStatusCode.OK, (await client.DeleteAsync($"{Backends}/web%2F1{query}")).StatusCode);
        }

        var name = new BackendName("web", "web/1");
        Assert.Equal(
            [new RemoveBackend(name, null, Now: false), new RemoveBackend(name, TimeSpan.FromMinutes(5), Now: false), new RemoveBackend(name, null, Now: true)],
            node.Backends.Taken);
        await ProblemAsync(await client.DeleteAsync($"{Backends}/a?deadline=soon"), 400, "bad-deadline");
        await ProblemAsync(await client.DeleteAsync($"{Backends}/a?now&deadline=5m"), 400, "bad-request");
        await ProblemAsync(await client.DeleteAsync($"{Backends}/a?at=once"), 400, "bad-request");
    }

    [Fact]
    public async Task A_weight_is_put()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        Assert.Equal(HttpStatusCode.OK, (await client.PutAsJsonAsync($"{Backends}/a/weight", new { weight = 3 })).StatusCode);
        Assert.Equal(new WeighBackend(new BackendName("web", "a"), 3), Assert.Single(node.Backends.Taken));
        await ProblemAsync(await client.PutAsJsonAsync($"{Backends}/a/weight", new { weight = 300 }), 400, "bad-weight");
        await ProblemAsync(await client.PutAsync($"{Backends}/a/weight", null), 400, "bad-request");
    }

    [Fact]
    public async Task A_reset_is_of_all_of_a_pool_or_of_a_backend_and_ends_drains()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Publish(id => new(
            BackendHealth.Up, FakeDesk.Now, id == "a" ? OperatorState.Draining : OperatorState.Ready, null, false, 1)
        {
            Decision = id == "a" ? new OperatorDecision(new BackendName("web", "a"), OperatorState.Draining, null, 1, "node-1") : null,
        });
        using HttpClient client = node.Client();
        ResetDocument? all = await client.DeleteFromJsonAsync<ResetDocument>("/api/v1/overlays");
        Assert.Equal(["web/a"], all!.Ready);
        Assert.Equal("c", Assert.Single(all.Backends).Backend);
        Assert.Equal(new SetBackendState(new BackendName("web", "a"), OperatorState.Ready, null), Assert.Single(node.Desk.Taken));
        await client.DeleteAsync("/api/v1/overlays/web");
        await client.DeleteAsync("/api/v1/overlays/web/b");
        Assert.Equal([new ResetBackends(null, null), new ResetBackends("web", null), new ResetBackends("web", "b")], node.Backends.Taken);
        Assert.Equal(2, node.Desk.Taken.Count);
    }

    [Theory]
    [InlineData("backend-exists", 409)]
    [InlineData("backend-removed", 409)]
    [InlineData("not-possible", 409)]
    [InlineData("too-many-overlays", 409)]
    [InlineData("own-backend", 400)]
    [InlineData("unknown-backend", 404)]
    public async Task What_the_cluster_refuses_is_a_problem_of_its_name(string problem, int status)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Backends.Failure = new BackendChangeException(problem, "why");
        using HttpClient client = node.Client();
        Assert.Equal("why", await ProblemAsync(await client.DeleteAsync($"{Backends}/a"), status, problem));
    }

    [Fact]
    public async Task What_not_all_go_by_is_accepted_and_names_who_does_not()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Backends.ByMajority = false;
        node.Backends.NotInForce = ["node-2"];
        using HttpClient client = node.Client();
        HttpResponseMessage answer = await client.PutAsJsonAsync($"{Backends}/a/weight", new { weight = 3 });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        BackendDocument? document = await answer.Content.ReadFromJsonAsync<BackendDocument>();
        Assert.Equal((false, "node-2"), (document!.Confirmed, document.NotInForce.Single()));

        node.Backends.Failure = new TimeoutException();
        await ProblemAsync(await client.DeleteAsync($"{Backends}/a"), 504, "no-answer");
        node.Backends.Failure = new InvalidOperationException();
        await ProblemAsync(await client.DeleteAsync($"{Backends}/a"), 503, "unavailable");
    }

    [Fact]
    public async Task The_difference_to_what_is_written_has_the_documented_shape_and_status_marks_it()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Overlays =
        [
            new OverlayReport(new BackendName("web", "a"), OverlayKind.Weight, null, 7, "http://127.0.0.1:9001", 3, null, "changed", "node-1", FakeDesk.Now, 1),
        ];
        node.View.OverlayDifferences = [new SettingDifference("pools.web.backends.a.weight", "3", "7")];
        using HttpClient client = node.Client();
        JsonObject diff = JsonNode.Parse(await client.GetStringAsync("/api/v1/topology/diff"))!.AsObject();
        diff.Remove("time");
        Assert.Equal(
            """{"node":"node-1","overlays":[{"pool":"web","backend":"a","change":"weight","address":null,"weight":7,"writtenAddress":"http://127.0.0.1:9001","writtenWeight":3,"deadline":null,"note":"changed","by":"node-1","at":"2027-01-15T08:00:00+00:00","version":1,"backup":false,"who":null}],"states":[],"differences":[{"key":"pools.web.backends.a.weight","written":"3","inForce":"7"}]}""",
            diff.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal));
        StatusDocument? status = await client.GetFromJsonAsync<StatusDocument>("/api/v1/status");
        Assert.Equal(["weight", null], status!.Pools[0].Backends.Select(b => b.Overlay));
    }

    [Fact]
    public async Task A_drain_of_what_is_not_written_any_more_is_seen_and_can_be_ended()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var gone = new BackendName("web", "gone");
        var lost = new BackendName("lost", "x");
        node.View.Decisions = node.View.Decisions
            .Add(gone, new OperatorDecision(gone, OperatorState.Draining, null, 4, "node-2"))
            .Add(lost, new OperatorDecision(lost, OperatorState.Maintenance, null, 1, "node-2"))
            .Add(new BackendName("web", "old"), new OperatorDecision(new BackendName("web", "old"), OperatorState.Ready, null, 1, "node-2"));
        using HttpClient client = node.Client();

        JsonArray states = JsonNode.Parse(await client.GetStringAsync("/api/v1/topology/diff"))!["states"]!.AsArray();
        Assert.Equal(["lost/x maintenance", "web/gone draining"], states.Select(s => $"{s!["pool"]}/{s["backend"]} {s["operator"]}"));
        Assert.All(states, s => Assert.StartsWith("without effect: there is no such backend", s!["note"]!.ToString(), StringComparison.Ordinal));

        HttpResponseMessage ready = await client.PostAsync($"{Backends}/gone/ready", null);
        Assert.Equal("it is not written, and so not there", (await ready.Content.ReadFromJsonAsync<DecisionDocument>())!.Note);
        await client.PostAsync("/api/v1/pools/lost/backends/x/ready", null);
        await ProblemAsync(await client.PostAsync($"{Backends}/gone/drain", null), 404, "unknown-backend");
        await ProblemAsync(await client.PostAsync($"{Backends}/old/ready", null), 404, "unknown-backend");
        Assert.Equal([gone, lost], node.Desk.Taken.Select(t => t.Backend));

        node.Backends.Failure = new BackendChangeException("unknown-backend", "there is no such backend");
        HttpResponseMessage reset = await client.DeleteAsync("/api/v1/overlays/web/gone");
        Assert.Equal(["web/gone"], (await reset.Content.ReadFromJsonAsync<ResetDocument>())!.Ready);
        await ProblemAsync(await client.DeleteAsync("/api/v1/overlays/web/other"), 404, "unknown-backend");
    }

    [Fact]
    public async Task One_that_is_not_written_any_more_is_not_said_to_be_ready()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        PoolSettings web = node.Plane.Topology.Pools["web"];
        node.Plane.Apply(node.Plane.Topology with { Pools = node.Plane.Topology.Pools.SetItem("web", web with { Backends = [web.Backends[1]] }) });
        var run = new ActorLb.Tests.Cli.CommandRun();
        await run.RunAsync("ready", "web/a", "--admin", node.Url.ToString());
        Assert.Equal($"nothing is decided about web/a any more; it is not written any more, or no name leads to it, and leaves all the same{Environment.NewLine}", run.Out);
    }

    [Fact]
    public async Task What_is_removed_at_once_has_no_deadline()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Backends.Overlays =
        [
            new ChangedBackend(new BackendName("web", "a"), OverlayKind.Removed, null, null, FakeDesk.Now.AddSeconds(5), 1) { Moves = SessionMoves.At(FakeDesk.Now, 0, null) },
        ];
        using HttpClient client = node.Client();
        BackendDocument removed = (await (await client.DeleteAsync($"{Backends}/a?now")).Content.ReadFromJsonAsync<BackendDocument>())!;
        Assert.Equal((null, FakeDesk.Now), (removed.Deadline, removed.Moving!.Begins));
        Assert.Equal(
            "web/a is removed; its sessions move as soon as another backend takes them", Node.Cli.BackendCommands.Sentence(removed with { NobodyElse = true }, now: true));
    }

    [Fact]
    public async Task A_node_that_starts_has_not_read_what_was_decided()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Phase = NodePhase.Starting;
        using HttpClient client = node.Client();
        await ProblemAsync(await client.DeleteAsync($"{Backends}/a"), 503, "not-ready");
        await ProblemAsync(await client.GetAsync("/api/v1/topology/diff"), 503, "not-ready");
    }

    private static async Task<string> ProblemAsync(HttpResponseMessage answer, int status, string problem)
    {
        JsonNode document = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal((status, $"urn:actorlb:problem:{problem}"), ((int)answer.StatusCode, document["type"]!.GetValue<string>()));
        return document["detail"]!.GetValue<string>();
    }
}
