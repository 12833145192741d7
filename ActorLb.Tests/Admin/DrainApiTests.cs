using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorLb.Engine.Routing;
using ActorLb.Node.Admin;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Admin;

/// <summary>What the admin API says of backends that drain.</summary>
public sealed partial class DrainApiTests
{
    private static readonly DateTimeOffset At = FakeDesk.Now;
    private static readonly BackendName A = new("web", "a");
    private static readonly OperatorDecision Moving = new(A, OperatorState.Draining, At.AddMinutes(5), 3, "node-2")
    {
        DrainsSince = At,
        Moves = SessionMoves.At(At, 1_000, 200),
    };

    [Fact]
    public async Task Drains_have_exactly_the_documented_shape()
    {
        await using AdminFixture node = await DrainingAsync(Moving, At.AddMinutes(5));
        node.View.Elsewhere = (3, 2);
        node.View.Members = [Member("node-1"), Member("node-2"), Member("node-3"), Member("node-4", reachable: false), Member("node-5")];
        node.View.Drains["node-2"] = new DrainAtNode(A, 3, 4);
        node.View.Drains["node-5"] = new DrainAtNode(A, 2, 0);
        node.Plane.Traffic[A].Gate.TryEnter(0);
        Note(node, 1);
        using HttpClient client = node.Client();

        string json = await client.GetStringAsync("/api/v1/drains");

        const string Expected = """
            {"node":"node-1","drains":[{"pool":"web","backend":"a","address":"http://127.0.0.1:9001","cause":"operator","by":"node-2","version":3,
            "since":"2027-01-15T08:00:00+00:00","deadline":"2027-01-15T08:05:00+00:00","over":false,
            "moving":{"rate":200,"begins":"2027-01-15T08:00:00+00:00","ends":"2027-01-15T08:00:05+00:00"},
            "sessions":4,"requests":2,"tunnels":2,"nobodyElse":false,"canBeStopped":false,
            "why":"4 sessions, 2 requests, 2 tunnels; node-5 may still send new sessions there; node-3 did not say what is open there",
            "notCounted":["node-3"],"notInForce":["node-5"],"unreachable":["node-4"]}]}
            """;
        JsonObject document = JsonNode.Parse(json)!.AsObject();
        Assert.True(document.Remove("time"));
        Assert.Equal(JsonNode.Parse(Expected)!.ToJsonString(), document.ToJsonString());
    }

    [Fact]
    public async Task A_node_that_is_cut_off_says_of_no_server_that_it_can_be_stopped()
    {
        await using AdminFixture node = await DrainingAsync(Moving, At.AddMinutes(5));
        node.View.Members = [Member("node-1")];
        using HttpClient client = node.Client();
        JsonNode drain = await DrainAsync();
        Assert.True(drain["canBeStopped"]!.GetValue<bool>());

        // Of two halves neither knows that it is cut off.
        node.View.Lost = [new LostNode("node-2", At)];
        drain = await DrainAsync();
        Assert.Equal((true, "[\"node-2\"]"), (drain["canBeStopped"]!.GetValue<bool>(), drain["unreachable"]!.ToJsonString()));

        node.View.Lost = [new LostNode("node-2", At), new LostNode("node-3", At)];
        drain = await DrainAsync();
        Assert.False(drain["canBeStopped"]!.GetValue<bool>());
        Assert.Equal("this node is cut off from node-2, node-3, which may have sessions there and do not know of this", drain["why"]!.GetValue<string>());

        async Task<JsonNode> DrainAsync() => JsonNode.Parse(await client.GetStringAsync("/api/v1/drains"))!["drains"]![0]!;
    }

    [Fact]
    public async Task The_page_shows_the_document_as_it_is()
    {
        await using AdminFixture node = await DrainingAsync(Moving, At.AddMinutes(5));
        using HttpClient client = node.Client();
        JsonObject sent = JsonNode.Parse(await client.GetStringAsync("/api/v1/drains"))!.AsObject();
        string page = await File.ReadAllTextAsync(RepositoryFiles.PathOf("docs", "admin-api.md"));

        JsonObject shown = JsonNode.Parse(Example().Match(page).Groups[1].Value)!.AsObject();

        Assert.Equal(Names(sent), Names(shown));
        Assert.Equal(Names(sent["drains"]![0]!.AsObject()), Names(shown["drains"]![0]!.AsObject()));
        Assert.Equal(Names(sent["drains"]![0]!["moving"]!.AsObject()), Names(shown["drains"]![0]!["moving"]!.AsObject()));
    }

    [Fact]
    public async Task A_server_can_be_stopped_when_nothing_is_left_at_any_node_that_can_be_reached()
    {
        await using AdminFixture node = await DrainingAsync(Moving, null);
        node.View.Members = [Member("node-1"), Member("node-2"), Member("node-3", reachable: false), Member("node-4", status: "exiting")];
        node.View.Drains["node-2"] = new DrainAtNode(A, 3, 0);
        Assert.Equal((true, null), Verdict(await DrainAsync(node)));

        Note(node, 1);
        Assert.Equal((false, "1 session"), Verdict(await DrainAsync(node)));
    }

    [Theory]
    [InlineData(4, 0, 0, "4 sessions")]
    [InlineData(0, 1, 0, "1 request")]
    [InlineData(0, 2, 2, "2 tunnels")]
    public async Task What_another_node_has_there_counts(int sessions, int inFlight, int tunnels, string why)
    {
        await using AdminFixture node = await DrainingAsync(Moving, null);
        node.View.Members = [Member("node-1"), Member("node-2")];
        node.View.Drains["node-2"] = new DrainAtNode(A, 3, sessions);
        node.View.Elsewhere = (inFlight, tunnels);
        Assert.Equal((false, why), Verdict(await DrainAsync(node)));
    }

    [Fact]
    public async Task A_drain_that_nobody_can_take_over_from_says_so_in_the_answer_and_in_the_list()
    {
        await using AdminFixture node = await DrainingAsync(Moving, null, others: BackendHealth.Down);
        Note(node, 1);
        DrainsDocument.Drain drain = await DrainAsync(node);
        Assert.True(drain.NobodyElse);
        Assert.Equal("1 session; no other backend takes new sessions", drain.Why);

        using HttpClient client = node.Client();
        HttpResponseMessage response = await client.PostAsync("/api/v1/pools/web/backends/a/drain", null);
        Assert.True((await response.Content.ReadFromJsonAsync<DecisionDocument>())!.NobodyElse);
        response = await client.PostAsync("/api/v1/pools/web/backends/a/ready", null);
        Assert.False((await response.Content.ReadFromJsonAsync<DecisionDocument>())!.NobodyElse);
    }

    [Fact]
    public async Task A_backend_that_was_left_out_drains_without_a_decision()
    {
        await using AdminFixture node = await DrainingAsync(null, null);
        DrainsDocument.Drain drain = await DrainAsync(node);
        Assert.Equal(("removed", null, 0L, null), (drain.Cause, drain.By, drain.Version, drain.Moving));
    }

    [Fact]
    public async Task A_node_that_starts_does_not_say_yet()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Phase = NodePhase.Starting;
        using HttpClient client = node.Client();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/api/v1/drains")).StatusCode);
        node.View.Phase = NodePhase.Ready;
        Assert.Empty((await client.GetFromJsonAsync<DrainsDocument>("/api/v1/drains"))!.Drains);
    }

    [Fact]
    public async Task A_drain_takes_that_sessions_move_and_how_fast()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();

        HttpResponseMessage response = await client.PostAsJsonAsync("/api/v1/pools/web/backends/a/drain", new { move = true, rate = 200 });

        Assert.Equal(new SetBackendState(A, OperatorState.Draining, null) { Move = true, Rate = 200 }, Assert.Single(node.Desk.Taken));
        Assert.Equal(new MovingDocument(200, At, At.AddSeconds(5)), (await response.Content.ReadFromJsonAsync<DecisionDocument>())!.Moving);
        await client.PostAsJsonAsync("/api/v1/pools/web/backends/a/drain", new { move = true });
        Assert.Equal(new SetBackendState(A, OperatorState.Draining, null) { Move = true }, node.Desk.Taken[1]);
    }

    [GeneratedRegex(@"### Drains.*?```json\s*(\{.*?\})\s*```", RegexOptions.Singleline)]
    private static partial Regex Example();

    private static IEnumerable<string> Names(JsonObject node) => node.Select(p => p.Key);

    private static (bool, string?) Verdict(DrainsDocument.Drain drain) => (drain.CanBeStopped, drain.Why);

    private static NodeMember Member(string name, bool reachable = true, string status = "up") => new(name, $"akka.tcp://actorlb@{name}", status, reachable);

    private static void Note(AdminFixture node, ulong id) => node.Plane.Tables["web"].Note(
        new Binding(new SessionId(id, 2), BackendKey.Of("a"), 1, (uint)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));

    private static async Task<DrainsDocument.Drain> DrainAsync(AdminFixture node)
    {
        using HttpClient client = node.Client();
        return Assert.Single((await client.GetFromJsonAsync<DrainsDocument>("/api/v1/drains"))!.Drains);
    }

    private static async Task<AdminFixture> DrainingAsync(OperatorDecision? decision, DateTimeOffset? deadline, BackendHealth others = BackendHealth.Up)
    {
        AdminFixture node = await AdminFixture.StartAsync();
        node.Publish(id => id == "a"
            ? new BackendCondition(BackendHealth.Up, At, OperatorState.Draining, deadline, false, 1) { Decision = decision }
            : new BackendCondition(others, At, OperatorState.Ready, null, false, 1));
        return node;
    }
}
